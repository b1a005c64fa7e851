"""The operator's door: one request, its rows, one last word; whatever comes in, nobody notices."""

from collections.abc import MutableMapping
from typing import Any

import pytest
import trio
from trio.testing import memory_stream_pair, wait_all_tasks_blocked

from chat_server.admin import messages as m
from chat_server.admin.operations import Administration
from chat_server.protocols import admin_socket as admin_door
from chat_server.protocols.admin_socket import AdminSocket
from chat_server.store.api import GENERAL_ROOM, Store
from chat_shared.names import fold
from support.inline_storage import InlineStorage
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage

NOW = 1_763_800_000_000  # 2025-11-22


class Desk:
    """Where an operator sits: asks the door, and reads all that it answers."""

    def __init__(self, server: RunningServer) -> None:
        self.services = server
        self._door = AdminSocket(Administration(server.services, server.storage, lambda: NOW))

    async def ask_raw(self, *pieces: bytes) -> list[m.Answer]:
        theirs, ours = memory_stream_pair()
        self.services.nursery.start_soon(self._door, ours)
        for piece in pieces:
            await theirs.send_all(piece)
            await wait_all_tasks_blocked()
        await theirs.send_eof()
        answer = b""
        async for data in theirs:
            answer += data
        return [m.decode_answer(line) for line in answer.splitlines()]

    async def ask(self, request: m.Request) -> list[m.Answer]:
        return await self.ask_raw(m.encode(request))

    async def rows(self, request: m.Request) -> list[list[str]]:
        """Return the table, its heads left out."""
        return [answer.cells for answer in await self.ask(request) if isinstance(answer, m.Row)][1:]


@pytest.fixture
async def desk(server: RunningServer) -> Desk:
    return Desk(server)


async def make_accounts(server: RunningServer, *names: str) -> None:
    def make(store: Store) -> None:
        for name in names:
            store.add_account(fold(name), name, "hash", NOW)

    await server.storage.write(make)


async def test_accounts_are_listed_over_many_pages(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin_door, "_PAGE", 2)
    await make_accounts(desk.services, "Ada", "Ben", "Cleo", "Dag", "Eve")
    await desk.ask(m.LockAccount("Dag"))
    await desk.services.enter("Ben")

    answers = await desk.ask(m.ListAccounts())

    assert answers[0] == m.Row(["account", "since", "rooms", "devices", "state"])
    assert [answer.cells for answer in answers if isinstance(answer, m.Row)][1:] == [
        ["Ada", "2025-11-22", "1", "0", ""],
        ["Ben", "2025-11-22", "1", "1", "online"],
        ["Cleo", "2025-11-22", "1", "0", ""],
        ["Dag", "2025-11-22", "1", "0", "locked"],
        ["Eve", "2025-11-22", "1", "0", ""],
    ]
    assert answers[-1] == m.Done("5 accounts")


async def test_a_reset_password_is_told_apart_from_the_sentence(desk: Desk) -> None:
    await make_accounts(desk.services, "Ada")

    (done,) = await desk.ask(m.ResetPassword("Ada"))

    assert isinstance(done, m.Done)
    assert len(done.secret) == 14
    assert done.secret not in done.message


async def test_rooms_are_listed_with_what_they_keep(desk: Desk) -> None:
    ada = await desk.services.enter("Ada")
    await ada.create("kitchen")
    await ada.post("hello", room="kitchen")
    await desk.ask(m.KeepRoom("kitchen", 90 * 86_400_000))
    await desk.ask(m.KeepRoom("general", 0))

    assert await desk.rows(m.ListRooms()) == [
        ["general", "", "1", "0", "forever"],
        ["kitchen", "Ada", "1", "1", "90d"],
    ]


async def test_a_room_that_is_nobodys_is_given_to_somebody(desk: Desk) -> None:
    ada = await desk.services.enter("Ada")
    await ada.create("kitchen")
    await ada.exit("kitchen")

    assert await desk.ask(m.OwnRoom("kitchen", "ada")) == [
        m.Done("kitchen belongs to ada now, who is a member of it.")
    ]
    assert (await desk.rows(m.ListRooms()))[1][:3] == ["kitchen", "Ada", "1"]
    assert await desk.ask(m.OwnRoom("kitchen", "Nemo")) == [
        m.Sorry("There is no account called Nemo.")
    ]


async def test_sessions_are_listed_those_too_that_are_nobodys(desk: Desk) -> None:
    await desk.services.enter("Ada")
    await desk.services.connect()

    rows = await desk.rows(m.ListSessions())

    assert [row[0] for row in rows] == ["Ada", "(not logged in)"]
    assert {row[1] for row in rows} == {"(this machine)"}


async def test_the_other_requests_say_what_was_done(desk: Desk) -> None:
    ada = await desk.services.enter("Ada")
    await ada.create("kitchen")

    said = [
        (await desk.ask(request))[-1].message  # type: ignore[union-attr]  # the last is no row
        for request in (
            m.NewRoomPassword("kitchen"),
            m.Announce("hello"),
            m.DropSessions("Ada"),
            m.UnlockAccount("Ada"),
            m.LockAccount("Ada"),
            m.DeleteRoom("kitchen"),
            m.DeleteAccount("Ada"),
            m.Invite(2),
        )
    ]

    assert said == [
        "The new password of kitchen, shown only now:",
        "Told 1 account.",
        "Ada is logged out; 1 session ended.",
        "Ada may log in again.",
        "Ada is locked; 0 sessions ended.",
        "kitchen is deleted, and all that was said in it.",
        "Ada is deleted. Their messages stay; nobody gets their name.",
        f"Lets one person register, for 2 days. Shown only now.{admin_door._NEEDLESS}",
    ]


async def test_stats_are_figures(desk: Desk) -> None:
    ada = await desk.services.enter("Ada")
    await ada.post("hello")

    rows = await desk.rows(m.Stats())

    assert rows[:5] == [
        ["accounts", "1"],
        ["accounts online", "1"],
        ["sessions", "1"],
        ["rooms", "1"],
        ["messages since the start", "1"],
    ]


async def test_a_request_may_come_in_pieces(desk: Desk) -> None:
    line = m.encode(m.Announce("hello"))

    assert await desk.ask_raw(line[:5], line[5:9], line[9:]) == [m.Done("Told 0 accounts.")]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"stats\n",
        b"null\n",
        b"{}\n",
        b'{"type":"nosuch"}\n',
        b'{"type":"stats","extra":1}\n',
        b'{"type":"invite","days":"x"}\n',
        b"\xff\xfe\n",
        b"x" * 70_000,
    ],
    ids=lambda line: repr(line[:24]),
)
async def test_what_is_no_request_gets_a_sentence(line: bytes, desk: Desk) -> None:
    (sorry,) = await desk.ask_raw(line)

    assert isinstance(sorry, m.Sorry)
    assert sorry.message.startswith("The server does not understand")


async def test_a_request_without_an_end_is_not_waited_for(desk: Desk) -> None:
    theirs, ours = memory_stream_pair()
    desk.services.nursery.start_soon(
        AdminSocket(Administration(desk.services.services, desk.services.storage, lambda: NOW)),
        ours,
    )

    with trio.fail_after(10):
        await theirs.send_all(b"x" * 70_000)
        answer = m.decode_answer(bytes(await theirs.receive_some()))

    assert isinstance(answer, m.Sorry)


async def test_what_cannot_be_done_gets_a_sentence(desk: Desk) -> None:
    assert await desk.ask(m.DeleteRoom("nowhere")) == [m.Sorry("There is no room called nowhere.")]


async def test_a_full_disk_gets_a_sentence(
    storage: InlineStorage, logged: list[MutableMapping[str, Any]]
) -> None:
    faulty = FaultyStorage(storage)
    async with running_server(faulty) as server:
        await server.enter("Ada")
        with faulty.full_disk():
            (sorry,) = await Desk(server).ask(m.LockAccount("Ada"))

    assert sorry == m.Sorry("The store could not do it: database or disk is full.")
    assert "operator's command not stored" in [line["event"] for line in logged]


async def test_an_operator_who_hangs_is_let_go(desk: Desk, autojump_clock: trio.abc.Clock) -> None:
    theirs, ours = memory_stream_pair()

    with trio.fail_after(61):
        await AdminSocket(
            Administration(desk.services.services, desk.services.storage, lambda: NOW)
        )(ours)

    assert await theirs.receive_some() == b""


async def test_names_and_notices_are_not_logged(
    desk: Desk, logged: list[MutableMapping[str, Any]]
) -> None:
    await desk.ask(m.Announce("a private word"))
    await desk.ask(m.LockAccount("Nemo"))

    assert "private" not in repr(logged)
    assert [line["request"] for line in logged if line["event"] == "operator"] == [
        "Announce", "LockAccount",
    ]  # fmt: skip


async def test_keep_times_are_on_disk(desk: Desk) -> None:
    await desk.ask(m.KeepRoom("general", 5))

    assert await desk.services.storage.read(lambda store: store.keep_times()) == [(GENERAL_ROOM, 5)]
