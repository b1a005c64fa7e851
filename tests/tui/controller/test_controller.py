"""The controller without a front end that draws: what it asks, keeps and tells."""

import asyncio
from pathlib import Path

import pytest

from chat_shared import messages as m
from chat_tui.controller.controller import Attempt, Controller, WrongAccount
from chat_tui.model.address import Address, Invitation
from chat_tui.model.changes import MembersChanged, OutboxChanged
from chat_tui.model.room import Room
from chat_tui.net.client import Client
from chat_tui.net.events import Answer, LoggedIn, LogIn, Received, SessionEnded
from chat_tui.storage.paths import Paths
from support.controller_bench import HOME, LOGIN, Recorder, SlowRing, bench
from support.fake_server import FakeServer
from support.full_disk import files_of_at_most
from support.tui_server import tiny_server

pytestmark = pytest.mark.asyncio


def stored_in(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


async def test_a_reply_is_in_the_state_before_it_is_returned() -> None:
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))

        reply = await at.controller.ask(m.Create(id=1, room="attic"))

        assert isinstance(reply, m.Created)
        assert "attic" in at.controller.state.rooms
        assert [item.reply for item in at.front_end.items if isinstance(item, Answer)][-1] is reply
        assert not any(isinstance(event, Received) for event in at.front_end.events)


async def test_a_reply_to_a_chunk_is_for_who_asked_and_nobody_else() -> None:
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))
        at.front_end.items.clear()

        reply = await at.controller.ask(m.Download(id=1, file=7, at=0))

        assert isinstance(reply, m.Error)
        assert not at.front_end.items


async def test_nobody_is_known_to_be_online_once_the_connection_is_lost() -> None:
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))
        at.front_end.changes.clear()

        at.client.cut()

        assert MembersChanged("general") in at.front_end.changes


async def test_a_request_without_a_connection_returns_nothing() -> None:
    async with bench() as at:
        assert await at.controller.ask(m.Create(id=1, room="attic")) is None


async def test_a_request_whose_connection_is_lost_returns_nothing() -> None:
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))
        at.fake.silent = True
        asking = asyncio.create_task(at.controller.ask(m.Create(id=1, room="attic")))
        await asyncio.sleep(0)

        at.client.cut()

        assert await asking is None


async def test_a_caller_that_stops_waiting_disturbs_nobody() -> None:
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))
        at.fake.silent = True
        asking = asyncio.create_task(at.controller.ask(m.Create(id=1, room="attic")))
        await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait([asking])

        at.client.cut()

        assert asking.cancelled()


async def test_the_token_of_another_account_sends_nothing() -> None:
    async with bench() as at:
        with pytest.raises(WrongAccount, match="belongs to ada"):
            await at.log_in(Attempt(HOME, LOGIN, account="linus"))

        assert at.controller.state.account == ""
        assert not at.fake.posts()


@pytest.mark.parametrize("keep", [True, False, None])
async def test_a_session_is_kept_forgotten_or_left_alone_as_chosen(
    tmp_path: Path, keep: bool | None
) -> None:
    async with bench(tmp_path) as at:
        Paths(tmp_path).tokens.keep(HOME.address.key, "ada", "old")

        await at.log_in(Attempt(HOME, LOGIN, keep))
        await asyncio.gather(*at.controller._stored._changes)

        kept = await at.controller.find_session(HOME.address, "ada")
        expected = {True: at.client.token, False: None, None: "old"}[keep]
        assert (kept and kept.token) == expected


@pytest.mark.parametrize(
    ("request_", "keep", "keeps"),
    [
        (LOGIN, True, True),
        (LOGIN, False, False),
        (LOGIN, None, False),
        (m.Resume(id=1, token="kept", seen={}), None, True),
    ],
)
async def test_the_next_start_finds_a_session_that_is_kept_or_was_found(
    request_: LogIn, keep: bool | None, keeps: bool
) -> None:
    async with bench() as at:
        assert not at.controller.keeps_session

        at.controller.attempt = Attempt(HOME, request_, keep)

        assert at.controller.keeps_session is keeps


async def test_a_session_is_forgotten_on_request(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.controller.forget_session()  # there is none yet
        await at.log_in(Attempt(HOME, LOGIN, keep=True))
        await asyncio.gather(*at.controller._stored._changes)
        assert await at.controller.find_session(HOME.address, "ada")

        await at.controller.forget_session()

        assert await at.controller.find_session(HOME.address, "ada") is None


@pytest.mark.parametrize(
    ("refused", "keep", "left"),
    [("kept", True, None), ("kept", None, "kept"), ("an older one", True, "kept")],
)
async def test_a_token_that_is_refused_is_forgotten_if_it_is_the_kept_one(
    tmp_path: Path, refused: str, keep: bool | None, left: str | None
) -> None:
    async with bench(tmp_path) as at:
        Paths(tmp_path).tokens.keep(HOME.address.key, "ada", "kept")

        await at.log_in(Attempt(HOME, m.Resume(id=1, token=refused, seen={}), keep))
        await asyncio.gather(*at.controller._stored._changes)

        kept = await at.controller.find_session(HOME.address, "ada")
        assert (kept and kept.token) == left


async def test_where_known_servers_cannot_be_read_no_session_is_found_and_the_file_is_named(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        Paths(tmp_path).tokens.keep(HOME.address.key, "ada", "kept")
        at.controller.trust(HOME.address, f"SHA256:{'a' * 64}")
        known = Paths(tmp_path).known.path
        assert known is not None
        assert "a" * 64 in known.read_text()
        known.write_text("{")

        assert await at.controller.find_session(HOME.address, "ada") is None
        (warning,) = at.front_end.warnings
        assert str(known) in warning


async def test_messages_to_another_server_wait_on_disk_and_not_in_the_state(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.log_in(Attempt(HOME, LOGIN))
        at.client.cut()
        at.controller.post("general", "a secret of test.example")

        await at.log_in(Attempt(Invitation(Address("other.example")), LOGIN))

        assert not at.controller.state.outbox.of("general")
        assert not at.fake.posts()
        await at.log_in(Attempt(HOME, LOGIN))
        assert [post.text for post in at.fake.posts()] == ["a secret of test.example"]


async def test_a_message_that_waits_is_sent_after_another_log_in_at_the_same_server() -> None:
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))
        at.client.cut()
        at.controller.post("general", "not sent yet")

        await at.log_in(Attempt(HOME, LOGIN))

        assert [post.text for post in at.fake.posts()] == ["not sent yet"]


async def test_a_message_is_shown_as_soon_as_it_is_queued() -> None:
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))
        at.client.cut()
        at.front_end.changes.clear()

        at.controller.post("general", "not sent yet")

        assert OutboxChanged("general") in at.front_end.changes


async def test_direct_messages_are_opened_once() -> None:
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))

        first = await at.controller.open_direct("linus")
        again = await at.controller.open_direct("LINUS")

        assert isinstance(first, Room)
        assert again is first
        assert sum(isinstance(request, m.Direct) for request in at.fake.requests) == 1


async def test_a_direct_message_to_nobody_returns_the_refusal() -> None:
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))

        assert isinstance(await at.controller.open_direct("nobody"), m.Error)


async def test_a_log_out_reports_what_was_read_and_ends_the_session_on_request() -> None:
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))
        at.controller.preferences.load()
        at.controller.preferences.set("away", "soon")
        at.controller.state.rooms["general"].dirty = True

        await at.controller.ask(m.Logout(id=1))

        kinds = [type(request) for request in at.fake.requests]
        assert kinds[-3:] == [m.SetPreferences, m.Read, m.Logout]
        assert [type(event) for event in at.front_end.events].count(LoggedIn) == 1
        assert isinstance(at.front_end.events[-1], SessionEnded)
        assert at.front_end.events[-1].requested


async def test_messages_of_one_account_are_not_sent_by_the_next_one(tmp_path: Path) -> None:
    fake, front_end, folder = FakeServer(), Recorder(), Paths(tmp_path)
    fake.account("ada")
    fake.account("ben")
    controller = Controller(front_end, folder, Client)
    state = controller.state
    async with tiny_server(fake) as server, asyncio.timeout(5):
        for name in ("ada", "ben", "ada"):
            login = m.Login(id=1, name=name, password="correct horse")
            run = asyncio.create_task(controller.run(Attempt(Invitation(server.address), login)))
            while not (controller.client.online and state.account == name):  # noqa: ASYNC110 - no event
                await asyncio.sleep(0)
            reply = await controller.ask(m.Members(id=1, room="general"))
            assert isinstance(reply, m.MemberPage)
            if name == "ben":
                assert not fake.posts()
                assert not state.outbox.of("general")
            run.cancel()
            await asyncio.wait([run])
            if not state.outbox.of("general"):
                controller.post("general", f"by {name}")
        await asyncio.sleep(0)

    assert [(line.author, line.text) for line in fake.rooms["general"].lines] == [("ada", "by ada")]
    controller.close()


async def test_stored_sessions_change_in_the_order_of_their_causes(tmp_path: Path) -> None:
    ring = SlowRing()
    async with bench(tmp_path, ring) as at:
        await at.log_in(Attempt(HOME, LOGIN, keep=True))
        await asyncio.to_thread(ring.is_asked.wait)
        at.controller.handle(SessionEnded("Revoked."))
        at.controller.attempt = Attempt(Invitation(Address("other.example")), LOGIN)
        ring.may_answer.set()
        await asyncio.gather(*at.controller._stored._changes)

        assert Paths(tmp_path, ring).tokens.find(HOME.address.key, "ada") is None


async def test_a_session_that_cannot_be_stored_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")  # no folder can be made there
    async with bench(tmp_path / "file") as at:
        await at.log_in(Attempt(HOME, LOGIN, keep=True))
        await asyncio.wait(at.controller._stored._changes)

        assert at.controller._stored._changes == set()
        warnings = [text for text in at.front_end.warnings if "Can't keep you" in text]
        assert len(warnings) == 1


async def test_a_disk_that_takes_nothing_is_told_of_once_each_time_it_begins(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.log_in(Attempt(HOME, LOGIN))
        at.fake.silent = True
        for _ in range(2):
            at.controller.post("general", "stored")
            with files_of_at_most(0):
                at.controller.post("general", "not stored")
                at.controller.post("general", "nor this")

        assert len(at.front_end.warnings) == 2
        assert at.front_end.warnings[0].startswith("Unsent messages can't be stored in ")


async def test_unsent_messages_stay_until_the_server_has_deleted_the_account(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.log_in(Attempt(HOME, LOGIN))
        at.fake.silent = True
        at.controller.post("general", "not sent yet")
        at.fake.silent = False

        assert isinstance(await at.controller.ask(m.Away("lunch", id=1)), m.Ok)
        assert isinstance(await at.controller.ask(m.DeleteAccount("wrong", id=1)), m.Error)

        assert at.controller.unsent.are_kept
        assert [unsent.text for unsent in at.controller.state.outbox.of("general")]


async def test_what_is_typed_after_the_account_was_deleted_is_kept_nowhere(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.log_in(Attempt(HOME, LOGIN))
        at.controller.post("general", "before")
        await at.controller.ask(m.DeleteAccount(id=1, password="correct horse"))

        at.controller.post("general", "too late")
        at.controller.close()
        at.controller.post("general", "much too late")

    assert stored_in(tmp_path) == []
