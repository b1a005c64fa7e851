"""Rooms: creating, joining and leaving them, and who receives what is posted in them."""

import re

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from chat_server.config import Config, Limits
from chat_server.rooms.directory import CREATED_EVERY, MAX_CREATED
from chat_server.sessions.rate_limits import TokenBuckets
from chat_shared import messages as m
from chat_shared.errors import Code
from support.inline_storage import InlineStorage
from support.kitchen import kitchen
from support.peer import PASSWORD, Peer
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage

# --- creating


async def test_the_creator_of_a_room_owns_it_and_is_a_member(server: RunningServer) -> None:
    ada = await server.log_in("Ada")
    reply = await ada.grant(m.Create("Kitchen", id=9), m.Created)

    assert reply.room == "Kitchen"
    assert await ada.expect(m.Entered) == m.Entered("Kitchen", "Ada")
    joined = await ada.join("kitchen")
    assert (joined.room, joined.owner, joined.last_seq) == ("Kitchen", "Ada", 0)
    assert joined.members == [m.Member("Ada", True)]


async def test_a_password_can_be_read_aloud_and_is_never_the_same_twice(
    server: RunningServer,
) -> None:
    ada = await server.log_in("Ada")
    passwords = {await ada.create(f"room{number}") for number in range(20)}

    assert len(passwords) == 20
    assert all(re.fullmatch(r"([0-9a-hjkmnp-tv-z]{4}-?){3}", password) for password in passwords)


@pytest.mark.parametrize("name", ["General", "kitchen", "KITCHEN", "ｋｉｔｃｈｅｎ"])
async def test_a_room_name_is_taken_in_every_spelling(server: RunningServer, name: str) -> None:
    _, (ada,) = await kitchen(server)

    assert await ada.code(m.Create(name, id=99)) is Code.ROOM_EXISTS


@pytest.mark.parametrize("name", ["", "a b", "x" * 33, "#kitchen", "a\0b"])
async def test_an_invalid_name_is_refused(server: RunningServer, name: str) -> None:
    ada = await server.log_in("Ada")

    assert await ada.code(m.Create(name, id=99)) is Code.BAD_NAME


async def test_of_two_who_create_a_room_at_the_same_time_one_succeeds(
    server: RunningServer,
) -> None:
    peers = [await server.log_in(name) for name in ("Ada", "Ben", "Cleo")]
    replies: list[m.Reply] = []

    async def create(peer: Peer) -> None:
        replies.append(await peer.ask(m.Create("Kitchen", id=99)))

    async with trio.open_nursery() as nursery:
        for peer in peers:
            nursery.start_soon(create, peer)

    codes = sorted(getattr(reply, "code", "created") for reply in replies)
    assert codes == ["created", "room_exists", "room_exists"]


async def test_an_account_cannot_be_in_every_room(storage: InlineStorage) -> None:
    async with running_server(storage, Config(limits=Limits(rooms_per_account=2))) as server:
        ben = await server.log_in("Ben")
        password = await ben.create("cellar")
        ada = await server.log_in("Ada")
        await ada.create("kitchen")
        await ada.create("garden")

        assert await ada.code(m.Create("attic", id=97)) is Code.FORBIDDEN
        assert await ada.code(m.Join("cellar", password, id=98)) is Code.FORBIDDEN
        await ada.exit("garden")
        await ada.join("cellar", password)


async def test_however_often_they_reconnect_an_account_creates_few_rooms_in_a_minute(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch, autojump_clock: MockClock
) -> None:
    monkeypatch.setattr(server.services.rooms, "_created", TokenBuckets(2, 1 / CREATED_EVERY))
    ada = await server.log_in("Ada")
    for name in ("attic", "cellar"):
        await ada.create(name)
        await ada.exit(name)
    ada = await server.log_in("Ada")
    refusal = await ada.refusal(m.Create("garden", id=1))

    assert refusal.code == Code.TOO_FAST
    assert 59 <= (refusal.retry_after or 0) <= 60
    assert (MAX_CREATED, CREATED_EVERY) == (50, 60.0)
    await (await server.log_in("Ben")).create("garden")


async def test_the_name_of_a_room_without_messages_is_free_once_the_last_member_has_left(
    server: RunningServer,
) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    password = await ada.create("kitchen")
    await ben.join("kitchen", password)
    await ada.exit("kitchen")
    assert await ada.code(m.Create("kitchen", id=1)) is Code.ROOM_EXISTS
    await ben.exit("kitchen")

    assert await ben.code(m.Join("kitchen", password, id=1)) is Code.WRONG_ROOM_OR_PASSWORD
    assert await ada.create("kitchen") != password


async def test_the_room_of_a_deleted_account_goes_too_if_it_has_no_messages(
    server: RunningServer,
) -> None:
    ada, ben = await server.connect(), await server.log_in("Ben")
    await ada.register("Ada")
    for room in ("kitchen", "cellar"):
        await ada.create(room)
    await ada.post("Who has the key?", "cellar")
    await ada.grant(m.DeleteAccount(PASSWORD, id=1), m.Ok)
    await wait_all_tasks_blocked()

    await ben.create("kitchen")
    assert await ben.code(m.Create("cellar", id=1)) is Code.ROOM_EXISTS


async def test_a_room_with_messages_stays_when_the_last_member_leaves(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    ada = await faulty_server.log_in("Ada")
    password = await ada.create("kitchen")
    with faults.commits_held():
        await ada.send(ada.draft("Soup?", "kitchen"), m.Exit("kitchen", id=1))
        await wait_all_tasks_blocked()
    assert isinstance(await ada.reply_to(1), m.Ok)

    assert (await ada.join("kitchen", password)).last_seq == 1


async def test_several_devices_at_once_cannot_exceed_the_limit(storage: InlineStorage) -> None:
    async with running_server(storage, Config(limits=Limits(rooms_per_account=2))) as server:
        ben = await server.log_in("Ben")
        password = await ben.create("cellar")
        devices = [await server.log_in("Ada") for _ in range(6)]
        for number, device in enumerate(devices):
            way = m.Create(f"attic{number}", id=1) if number else m.Join("cellar", password, id=1)
            await device.send(way)
        replies = [await device.reply_to(1) for device in devices]

        assert sum(not isinstance(reply, m.Error) for reply in replies) == 2


# --- joining


@pytest.mark.parametrize("typed", ["{}", " {} ", "{}\n"])
async def test_the_password_opens_the_room_however_it_was_pasted(
    server: RunningServer, typed: str
) -> None:
    password, (ada,) = await kitchen(server)
    ben = await server.log_in("Ben")
    joined = await ben.join("KITCHEN", typed.format(password.upper()))

    assert joined.members == [m.Member("Ada", True), m.Member("Ben", True)]
    assert await ada.receive() == m.Entered("Kitchen", "Ben")
    assert await ben.expect(m.Entered) == m.Entered("Kitchen", "Ben")


async def test_a_wrong_password_and_a_missing_room_get_the_same_answer(
    server: RunningServer,
) -> None:
    password, _ = await kitchen(server)
    ben = await server.log_in("Ben")
    requests = [
        m.Join("Kitchen", "wrong-wrong-wrong", id=91),
        m.Join("Kitchen", "", id=92),
        m.Join("nowhere", password, id=93),
        m.Join("nowhere", "", id=94),
        m.Join("\0" * 1_000, "\0" * 1_000, id=95),
    ]
    refusals = [await ben.refusal(request) for request in requests]

    assert {refusal.code for refusal in refusals} == {Code.WRONG_ROOM_OR_PASSWORD}
    assert len({refusal.message for refusal in refusals}) == 1


async def test_a_member_needs_no_password_and_is_not_announced_again(server: RunningServer) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    await ben.join("kitchen")

    await ada.expect_nothing_more()


async def test_every_account_is_in_the_general_room(server: RunningServer) -> None:
    ada = await server.log_in("Ada")

    assert (await ada.join("General")).members == [m.Member("Ada", True)]


async def test_a_new_member_receives_all_that_follows_and_nothing_before(
    server: RunningServer,
) -> None:
    password, (ada,) = await kitchen(server)
    await ada.post("before", "kitchen")
    ben = await server.log_in("Ben")
    joined = await ben.join("kitchen", password)
    await ada.post("after", "kitchen")

    assert joined.last_seq == 1
    assert [(event.seq, event.text) for event in await ben.expect_posted(1)] == [(2, "after")]
    assert [line.text for line in (await ben.history("kitchen")).messages] == ["before", "after"]


# --- receiving


async def test_only_members_receive_what_is_posted(server: RunningServer) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    cleo = await server.log_in("Cleo")
    await ada.post("Found it.", "kitchen")

    assert (await ben.expect_posted(1))[0].room == "Kitchen"
    await cleo.expect_nothing_more()


async def test_all_members_receive_the_same_bytes(server: RunningServer) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    await ada.post("Sieben Töpfe 🍲", "kitchen")

    assert await ada.expect_posted(1) == await ben.expect_posted(1)


async def test_every_device_of_a_member_receives_the_room(server: RunningServer) -> None:
    phone, laptop = await server.log_in("Ada"), await server.log_in("Ada")
    await phone.create("Kitchen")
    assert await laptop.expect(m.Entered) == m.Entered("Kitchen", "Ada")
    await laptop.post("from the laptop", "kitchen")

    assert (await phone.expect_posted(1))[0].text == "from the laptop"


# --- leaving


async def test_a_member_who_leaves_is_notified_like_all_others_and_receives_nothing_more(
    server: RunningServer,
) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    await ben.exit("kitchen")

    assert await ben.expect(m.Left) == m.Left("Kitchen", "Ben")
    assert await ada.receive() == m.Left("Kitchen", "Ben")
    await ada.post("Gone?", "kitchen")
    await ben.expect_nothing_more()
    assert await ben.code(ben.draft("No", "kitchen")) is Code.NOT_A_MEMBER
    assert await ben.code(m.Exit("kitchen", id=99)) is Code.NOT_A_MEMBER
    assert await ben.code(m.Join("kitchen", id=98)) is Code.WRONG_ROOM_OR_PASSWORD


async def test_all_devices_leave_together(server: RunningServer) -> None:
    _, (_, ben) = await kitchen(server, "Ben")
    laptop = await server.log_in("Ben")
    await ben.exit("kitchen")

    assert await laptop.receive() == m.Left("Kitchen", "Ben")
    assert await laptop.code(laptop.draft("No", "kitchen")) is Code.NOT_A_MEMBER


async def test_nobody_can_leave_the_general_room(server: RunningServer) -> None:
    ada = await server.log_in("Ada")

    assert await ada.code(m.Exit("General", id=9)) is Code.CANNOT_EXIT_GENERAL
    await ada.post("still here")


async def test_membership_outlasts_the_connection(server: RunningServer) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    await ben.aclose()
    await ada.post("Ben?", "kitchen")
    ben = await server.log_in("Ben", {"Kitchen": 0})

    assert (await ben.expect_posted(1))[0].text == "Ben?"
    await ada.expect_posted(1)
    await ada.expect_nothing_more()
