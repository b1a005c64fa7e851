"""How far an account has read is stored in batches, and is the same on all its devices."""

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from chat_server.store.api import Draft, Store
from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_COUNTED, MAX_SEQ
from support.peer import Peer
from support.running_server import RunningServer
from support.store_faults import FaultyStorage


def _info(welcome: m.Welcome, room: str = "general") -> tuple[int, int, int]:
    (info,) = (info for info in welcome.rooms if info.room == room)
    return info.read_seq, info.unread, info.mentions


async def _read(peer: Peer, seq: int, room: str = "general") -> None:
    await peer.grant(m.Read(room, seq, id=peer.number()), m.Ok)


async def _posted_by_ada(server: RunningServer, number: int, text: str = "x") -> None:
    """Store so many messages by the first account in the general room."""

    def append(store: Store) -> None:
        store.append([Draft(1, 1, text, f"s{at}") for at in range(number)], 0)

    await server.storage.write(append)
    server.services.rooms.general.last_seq += number


async def _state(server: RunningServer, name: str, room: str = "general") -> tuple[int, int, int]:
    """Return the state that `name` receives at a log-in: read, unread, mentions."""
    peer = await server.connect()
    welcome = await peer.resume(await server.token(name))
    await peer.aclose()
    return _info(welcome, room)


async def test_a_message_names_those_it_mentions_at_once_in_history_and_when_missed(
    server: RunningServer,
) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    await ada.post("one")
    await ada.post("two, @ben and @nobody")
    posted = [await ben.expect(m.Posted) for _ in range(2)]
    page = await ben.grant(m.History("general", limit=2, id=ben.number()), m.Page)
    await ben.aclose()
    phone = await server.connect()
    await phone.resume(await server.token("Ben"), {"general": 0})
    missed = [await phone.expect(m.Posted) for _ in range(2)]

    for messages in (posted, page.messages, missed):
        assert [message.mentions for message in messages] == [None, ["Ben"]]


# --- at log-in


async def test_a_new_account_has_read_everything_before_it(server: RunningServer) -> None:
    ada = await server.log_in("Ada")
    await ada.post("before")

    assert await _state(server, "Ben") == (1, 0, 0)


async def test_later_messages_of_others_are_unread(server: RunningServer) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    await ben.aclose()
    await ada.post("one")
    await ada.post("two, @ben")

    assert await _state(server, "Ben") == (0, 2, 1)
    assert await _state(server, "Ada") == (0, 0, 0)


async def test_a_second_device_receives_the_same_state_as_the_first(server: RunningServer) -> None:
    ada, _ = await server.log_in("Ada"), await server.log_in("Ben")
    await ada.post("one @Ben")

    assert await _state(server, "Ben") == (0, 1, 1)


async def test_a_new_member_has_read_everything_before_they_joined(server: RunningServer) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    password = await ada.create("Kitchen")
    await ada.post("before", "Kitchen")
    joined = await ben.join("Kitchen", password)
    await ada.post("after, @ben", "Kitchen")
    again = await ben.join("Kitchen")

    assert (joined.read_seq, joined.unread, joined.mentions) == (1, 0, 0)
    assert (again.read_seq, again.unread, again.mentions) == (1, 1, 1)
    assert await _state(server, "Ben", "Kitchen") == (1, 1, 1)


async def test_no_more_is_counted_than_the_limit(server: RunningServer) -> None:
    for name in "Ada", "Ben":
        await server.token(name)
    await _posted_by_ada(server, MAX_COUNTED + 5, "@ben")

    assert await _state(server, "Ben") == (0, MAX_COUNTED, MAX_COUNTED)


async def test_an_account_that_has_read_everything_is_welcomed_without_counting(
    faults: FaultyStorage, faulty_server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await faulty_server.log_in("Ada")
    await ada.post("hello")
    await _read(ada, 1)
    await ada.aclose()
    token = await faulty_server.token("Ada")
    ada = await faulty_server.connect()
    with faults.queries_held() as gate:
        await ada.send(m.Resume(token, {}, id=1))
        for _ in range(2):  # the account of the token, and its state
            await gate.wait_reached()
            gate.open_once()
        await ada.expect(m.Welcome)  # without having waited at the gate again


@pytest.mark.parametrize(("before", "unread"), [(1, 2), (MAX_COUNTED, MAX_COUNTED)])
async def test_messages_posted_during_the_count_are_counted_too(
    faults: FaultyStorage, faulty_server: RunningServer, before: int, unread: int
) -> None:
    ada = await faulty_server.log_in("Ada")
    token = await faulty_server.token("Ben")
    await _posted_by_ada(faulty_server, before)
    ben = await faulty_server.connect()
    with faults.queries_held() as gate:
        await ben.send(m.Resume(token, {}, id=1))
        for _ in range(2):  # the account and its state
            await gate.wait_reached()
            gate.open_once()
        await gate.wait_reached()
        await ada.post("two")

    welcome = await ben.expect(m.Welcome)
    assert welcome.rooms == [m.RoomInfo("general", "", before + 1, 0, unread)]
    await ada.post("three")
    assert [event.seq for event in await ben.expect_posted(1)] == [before + 2]


# --- reading


async def test_read_messages_stay_read(server: RunningServer, autojump_clock: MockClock) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    for text in "one @ben", "two", "three @ben":
        await ada.post(text)
    await _read(ben, 2)
    assert await _state(server, "Ben") == (2, 1, 1)
    await _read(ben, 3)
    await ben.aclose()

    assert await _state(server, "Ben") == (3, 0, 0)


async def test_a_lower_number_marks_as_unread_again(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    for text in "one", "two", "three":
        await ada.post(text)
    await _read(ben, 3)
    await _read(ben, 1)

    assert await _state(server, "Ben") == (1, 2, 0)


async def test_a_number_beyond_the_last_message_means_the_last(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    await ada.post("one")
    await _read(ben, MAX_SEQ)
    await ada.post("two")

    assert await _state(server, "Ben") == (1, 1, 0)


async def test_reading_on_one_device_updates_the_others_and_notifies_nobody_else(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada, phone, laptop = [await server.log_in(name) for name in ("Ada", "Ben", "Ben")]
    for text in "one @ben", "two @ben", "three":
        await ada.post(text)
    for peer in ada, phone, laptop:
        await peer.expect_posted(3)
    await _read(phone, 3)
    assert await laptop.expect(m.ReadTo) == m.ReadTo("general", 3)
    await _read(laptop, 1)
    assert await phone.expect(m.ReadTo) == m.ReadTo("general", 1, unread=2, mentions=1)

    for peer in ada, phone, laptop:
        await peer.expect_nothing_more()


async def test_of_two_devices_that_read_at_once_the_later_one_counts(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada, phone, laptop = [await server.log_in(name) for name in ("Ada", "Ben", "Ben")]
    await ada.post("one")
    await phone.send(m.Read("general", 0, id=1))
    await trio.testing.wait_all_tasks_blocked()
    await laptop.send(m.Read("general", 1, id=2))

    assert await phone.expect(m.ReadTo) == m.ReadTo("general", 1)
    assert await laptop.reply_to(2) == m.Ok(re=2)
    assert await phone.reply_to(1) == m.Ok(re=1)
    assert [type(message) for message in laptop.unread] == [m.Posted]
    assert await _state(server, "Ben") == (1, 0, 0)


async def test_a_thousand_marks_are_one_transaction(
    faults: FaultyStorage, faulty_server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await faulty_server.log_in("Ada")
    readers = [await faulty_server.log_in(f"r{number}") for number in range(10)]
    await ada.post("one")
    await trio.sleep(10)  # until all that the log-ins gave to write is written
    writes = faults.writes
    for reader in readers:
        await reader.send(*[m.Read("general", 1, id=1 + at) for at in range(100)])
    for reader in readers:
        for at in range(100):
            assert await reader.reply_to(1 + at) == m.Ok(re=1 + at)

    assert faults.writes == writes + 1


async def test_no_session_waits_for_its_mark(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await server.log_in("Ada")
    start = trio.current_time()
    await ada.send(m.Read("general", 0, id=1))
    await ada.ping()
    assert trio.current_time() == start

    assert await ada.reply_to(1) == m.Ok(re=1)
    assert trio.current_time() - start <= 1


@pytest.mark.parametrize("room", ["Kitchen", "nowhere", "", "a b"])
async def test_only_members_can_mark_a_room_as_read(server: RunningServer, room: str) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    await ada.create("Kitchen")

    assert await ben.code(m.Read(room, 1, id=5)) is Code.NOT_A_MEMBER


async def test_a_mark_in_a_room_left_meanwhile_is_harmless(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    await ada.grant(m.Direct("Ben", id=1), m.Joined)
    await ada.post("one", "@1-2")
    await ben.send(m.Read("@1-2", 1, id=1))
    await ben.exit("@1-2")

    assert await ben.reply_to(1) == m.Ok(re=1)


async def test_other_devices_learn_nothing_of_a_mark_in_a_room_left_meanwhile(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    phone, laptop = await server.log_in("Ada"), await server.log_in("Ada")
    await server.token("Ben")
    await phone.grant(m.Direct("Ben", id=9), m.Joined)
    await phone.post("soup", "@1-2")
    mark, exit = m.Read("@1-2", 1, id=1), m.Exit("@1-2", id=2)
    await phone.send(mark, exit)

    for request in (mark, exit):
        assert isinstance(await phone.reply_to(request.id), m.Ok)
    await laptop.expect(m.Left)
    await laptop.ping()
    assert m.ReadTo not in [type(event) for event in laptop.unread]


async def test_a_mark_of_an_account_that_has_gone_offline_is_stored_like_any_other(
    faults: FaultyStorage, faulty_server: RunningServer, autojump_clock: MockClock
) -> None:
    ada, ben = await faulty_server.log_in("Ada"), await faulty_server.log_in("Ben")
    for number in range(3):
        await ada.post(str(number))
    await trio.sleep(3)  # and the times at which they came are stored
    with faults.commits_held() as gate:
        await ben.send(m.Read("general", 2, id=1))
        await gate.wait_reached()
        faulty_server.services.registry.disconnect_account(2, "gone")
        await wait_all_tasks_blocked()
        assert not faulty_server.services.registry.is_online(2)
    await trio.sleep(3)

    assert await _state(faulty_server, "Ben") == (2, 1, 0)
    assert {part.failures for part in faulty_server.services.parts} == {0}


async def test_a_pending_mark_is_known_to_a_device_that_logs_in_meanwhile(
    faults: FaultyStorage, faulty_server: RunningServer, autojump_clock: MockClock
) -> None:
    await faulty_server.token("Ada")
    phone = await faulty_server.log_in("Ben")
    await _posted_by_ada(faulty_server, 1)
    await phone.send(m.Read("general", 1, id=1))
    await trio.testing.wait_all_tasks_blocked()
    await phone.aclose()
    laptop = await faulty_server.connect()
    token = await faulty_server.token("Ben")
    with faults.queries_held() as gate:
        await laptop.send(m.Resume(token, {}, id=1))
        await gate.wait_reached()  # read the account of the token
        gate.open_once()
        await gate.wait_reached()  # read a state from before the mark
        await trio.sleep(2)

    assert _info(await laptop.expect(m.Welcome)) == (1, 0, 0)
