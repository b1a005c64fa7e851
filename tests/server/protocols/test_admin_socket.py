"""An admin connection: one request, its rows and a final answer, whatever is received."""

from collections.abc import MutableMapping
from typing import Any

import pytest
import trio
from trio.testing import memory_stream_pair, wait_all_tasks_blocked

from chat_server.admin import messages as m
from chat_server.admin.operations import Administration
from chat_server.config import Config, Registration
from chat_server.protocols import admin_socket
from chat_server.protocols.admin_socket import AdminSocket
from chat_server.store.api import GENERAL_ROOM, GuestCounts, Store
from chat_shared.messages import Direct
from chat_shared.names import fold
from support.inline_storage import InlineStorage
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage
from support.stored_room import draft_of, fill_room

NOW = 1_763_800_000_000  # 2025-11-22


class Operator:
    """Sends requests to the admin socket and reads all answers."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server
        self._handler = AdminSocket(Administration(server.services, server.storage, lambda: NOW))

    async def ask_raw(self, *pieces: bytes) -> list[m.Answer]:
        theirs, ours = memory_stream_pair()
        self.server.nursery.start_soon(self._handler, ours)
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
        """Return the table without its header."""
        return [answer.cells for answer in await self.ask(request) if isinstance(answer, m.Row)][1:]


@pytest.fixture
async def operator(server: RunningServer) -> Operator:
    return Operator(server)


async def make_accounts(server: RunningServer, *names: str) -> None:
    def make(store: Store) -> None:
        for name in names:
            store.add_account(fold(name), name, "hash", NOW)

    await server.storage.write(make)


async def test_accounts_are_listed_over_many_pages(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin_socket, "_PAGE", 2)
    await make_accounts(operator.server, "Ada", "Ben", "Cleo", "Dag", "Eve")
    await operator.ask(m.LockAccount("Dag"))
    await operator.server.log_in("Ben")

    answers = await operator.ask(m.ListAccounts())

    assert answers[0] == m.Row(["account", "created", "rooms", "devices", "state", "guest until"])
    assert [answer.cells for answer in answers if isinstance(answer, m.Row)][1:] == [
        ["Ada", "2025-11-22", "1", "0", "", ""],
        ["Ben", "2025-11-22", "1", "1", "online", ""],
        ["Cleo", "2025-11-22", "1", "0", "", ""],
        ["Dag", "2025-11-22", "1", "0", "locked", ""],
        ["Eve", "2025-11-22", "1", "0", "", ""],
    ]
    assert answers[-1] == m.Done("5 accounts")


async def test_guests_are_listed_with_the_end_of_their_accounts(operator: Operator) -> None:
    def add_guest(store: Store) -> None:
        fill_room(store)
        store.add_room_invite(draft_of("invite_guests", until=NOW + 1), b"link", 9, guests=9)
        until = 4_102_491_600_000  # not over, whenever this runs
        store.add_guest("guest-mia", "guest-Mia", NOW, until, b"link", GuestCounts(9, 9))

    await operator.server.storage.write(add_guest)

    *_, mia = await operator.rows(m.ListAccounts())
    assert mia == ["guest-Mia", "2025-11-22", "1", "0", "", "2100-01-01T13:00Z"]


async def test_a_new_password_is_separate_from_the_message(operator: Operator) -> None:
    await make_accounts(operator.server, "Ada")

    (done,) = await operator.ask(m.ResetPassword("Ada"))

    assert isinstance(done, m.Done)
    assert len(done.secret) == 14
    assert done.secret not in done.message


async def test_rooms_are_listed_with_their_keep_time(operator: Operator) -> None:
    ada = await operator.server.log_in("Ada")
    await ada.create("kitchen")
    await ada.post("hello", room="kitchen")
    await operator.ask(m.SetRoomKeep("kitchen", 90 * 86_400_000))
    await operator.ask(m.SetRoomKeep("general", 0))

    assert await operator.rows(m.ListRooms()) == [
        ["general", "", "1", "0", "forever"],
        ["kitchen", "Ada", "1", "1", "90d"],
    ]


async def test_direct_messages_are_listed_with_their_participants_and_are_no_rooms(
    operator: Operator,
) -> None:
    await make_accounts(operator.server, "Ben")
    ada = await operator.server.log_in("Ada")
    await ada.ask(Direct(id=1, name="ben"))

    answers = await operator.ask(m.ListRooms())

    assert answers[-2] == m.Row(["@1-2 (Ben and Ada)", "", "2", "0", "default"])
    assert answers[-1] == m.Done("1 room, 1 DM room")
    assert (await operator.rows(m.Stats()))[3] == ["rooms", "1"]
    assert [row[2] for row in await operator.rows(m.ListAccounts())] == ["1", "1"]


@pytest.mark.parametrize(
    ("keep", "how_long"),
    [(90 * 86_400_000, "for 90d"), (0, "forever"), (None, "for the server's default (--keep)")],
)
async def test_a_changed_keep_time_is_confirmed(
    operator: Operator, keep: int | None, how_long: str
) -> None:
    assert await operator.ask(m.SetRoomKeep("general", keep)) == [
        m.Done(f"Messages in general are kept {how_long}.")
    ]


async def test_a_room_without_an_owner_is_given_one(operator: Operator) -> None:
    ada = await operator.server.log_in("Ada")
    await ada.create("kitchen")
    await ada.post("Soup?", "kitchen")
    await ada.exit("kitchen")

    assert await operator.ask(m.SetRoomOwner("kitchen", "ada")) == [m.Done("ada now owns kitchen.")]
    assert (await operator.rows(m.ListRooms()))[1][:3] == ["kitchen", "Ada", "1"]
    assert await operator.ask(m.SetRoomOwner("kitchen", "Nemo")) == [
        m.Failed("There is no account named Nemo.")
    ]


async def test_sessions_are_listed_including_those_not_logged_in(operator: Operator) -> None:
    await operator.server.log_in("Ada")
    await operator.server.connect()

    rows = await operator.rows(m.ListSessions())

    assert [row[0] for row in rows] == ["Ada", "(not logged in)"]
    assert {row[1] for row in rows} == {"(this machine)"}


async def test_the_other_requests_confirm_what_was_done(operator: Operator) -> None:
    ada = await operator.server.log_in("Ada")
    await ada.create("kitchen")

    messages = [
        (await operator.ask(request))[-1].message  # type: ignore[union-attr]  # the last is not a row
        for request in (
            m.ResetRoomPassword("kitchen"),
            m.SendNotice("hello"),
            m.LogOutAccount("Ada"),
            m.UnlockAccount("Ada"),
            m.LockAccount("Ada"),
            m.DeleteRoom("kitchen"),
            m.DeleteAccount("Ada"),
            m.Invite(2),
        )
    ]

    assert messages == [
        "New password for kitchen (shown only once):",
        "Sent to 1 account.",
        "Logged Ada out of 1 device.",
        "Unlocked Ada.",
        "Locked Ada and logged out 0 devices.",
        "Deleted kitchen and all its messages.",
        "Deleted the account Ada. Its messages stay, and its name stays taken.",
        (
            "Registration is open, so nobody needs a code. "
            "Invitation code for one person, valid for 2 days (shown only once):"
        ),
    ]


@pytest.mark.parametrize(
    ("registration", "note"),
    [
        ("invite", ""),
        (
            "closed",
            "Registration is closed. Restart with --registration invite to use this code. ",
        ),
    ],
)
async def test_an_invitation_says_if_the_server_does_not_take_it(
    storage: InlineStorage, registration: Registration, note: str
) -> None:
    async with running_server(storage, Config(registration=registration)) as server:
        (answer,) = await Operator(server).ask(m.Invite(7))

    assert isinstance(answer, m.Done)
    assert answer.message == (
        f"{note}Invitation code for one person, valid for 7 days (shown only once):"
    )


async def test_the_parts_of_the_server_are_listed_with_their_failures(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    ada = await faulty_server.log_in("Ada")
    with faults.unexpected_errors():
        await ada.refusal(ada.draft("lost"))
    *rows, _ = await Operator(faulty_server).ask(m.ListParts())

    assert m.Row(["journal", "yes", "1", "MemoryError"]) in rows
    assert m.Row(["presence", "yes", "0", ""]) in rows


async def test_stats_are_listed(operator: Operator) -> None:
    ada = await operator.server.log_in("Ada")
    await ada.post("hello")

    rows = await operator.rows(m.Stats())

    assert rows[:5] == [
        ["accounts", "1"],
        ["accounts online", "1"],
        ["connections", "1"],
        ["rooms", "1"],
        ["messages since start", "1"],
    ]


async def test_a_request_may_arrive_in_pieces(operator: Operator) -> None:
    line = m.encode(m.SendNotice("hello"))

    assert await operator.ask_raw(line[:5], line[5:9], line[9:]) == [m.Done("Sent to 0 accounts.")]


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
async def test_an_invalid_request_is_answered_with_the_reason(
    line: bytes, operator: Operator
) -> None:
    (sorry,) = await operator.ask_raw(line)

    assert isinstance(sorry, m.Failed)
    assert sorry.message.startswith("The server does not understand")
    assert sorry.message.endswith("Use the chat-server of the same version.")


async def test_an_endless_request_is_refused(operator: Operator) -> None:
    theirs, ours = memory_stream_pair()
    operator.server.nursery.start_soon(
        AdminSocket(Administration(operator.server.services, operator.server.storage, lambda: NOW)),
        ours,
    )

    with trio.fail_after(10):
        await theirs.send_all(b"x" * 70_000)
        answer = m.decode_answer(bytes(await theirs.receive_some()))

    assert isinstance(answer, m.Failed)


async def test_an_impossible_request_is_answered_with_the_reason(operator: Operator) -> None:
    assert await operator.ask(m.DeleteRoom("nowhere")) == [
        m.Failed("There is no room named nowhere.")
    ]


async def test_a_full_disk_is_reported_in_the_answer(
    storage: InlineStorage, logged: list[MutableMapping[str, Any]]
) -> None:
    faulty = FaultyStorage(storage)
    async with running_server(faulty) as server:
        await server.log_in("Ada")
        with faulty.full_disk():
            (sorry,) = await Operator(server).ask(m.LockAccount("Ada"))

    assert sorry == m.Failed(
        "The database reported an error: database or disk is full. See the server's log."
    )
    assert "admin request failed: store error" in [line["event"] for line in logged]


async def test_an_idle_admin_connection_is_closed(
    operator: Operator, autojump_clock: trio.abc.Clock
) -> None:
    theirs, ours = memory_stream_pair()

    with trio.fail_after(61):
        await AdminSocket(
            Administration(operator.server.services, operator.server.storage, lambda: NOW)
        )(ours)

    assert await theirs.receive_some() == b""


async def test_names_and_notices_are_not_logged(
    operator: Operator, logged: list[MutableMapping[str, Any]]
) -> None:
    await operator.ask(m.SendNotice("private text"))
    await operator.ask(m.LockAccount("Nemo"))

    assert "private" not in repr(logged)
    assert [line["request"] for line in logged if line["event"] == "admin request"] == [
        "SendNotice", "LockAccount",
    ]  # fmt: skip


async def test_keep_times_are_stored(operator: Operator) -> None:
    await operator.ask(m.SetRoomKeep("general", 5))

    assert await operator.server.storage.read(lambda store: store.keep_times()) == [
        (GENERAL_ROOM, 5)
    ]
