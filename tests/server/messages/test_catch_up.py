"""A session receives everything from a known number on: no gaps and no duplicates."""

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from chat_server.config import Limits
from chat_server.sessions.registry import TOO_MANY_DEVICES
from chat_server.store.api import Draft, Store
from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import IDLE_DEADLINE, MAX_GAP, MAX_NAME
from support.peer import Left
from support.running_server import RunningServer
from support.store_faults import FaultyStorage
from support.streams import lockstep_pair
from support.turns import other_turns


async def _posted_by_ada(server: RunningServer, number: int) -> None:
    """Store so many messages by Ada in the general room."""
    await server.token("Ada")

    def append(store: Store) -> None:
        account = store.account("ada")
        assert account is not None
        first = len(store.messages_after(1, 0, 10_000))
        store.append([Draft(1, account.id, "x", f"s{first + at}") for at in range(number)], 0)

    await server.storage.write(append)
    server.services.rooms.general.last_seq += number


# --- logging in


async def test_a_log_in_receives_what_follows_the_numbers_in_welcome(
    server: RunningServer,
) -> None:
    ada = await server.log_in("Ada")
    await ada.create("Kitchen")
    await ada.post("one")
    await ada.post("two", "kitchen")
    laptop = await server.connect()
    welcome = await laptop.resume(await server.token("Ada"))

    assert welcome.rooms == [
        m.RoomInfo("general", "", 1, 0),  # her own: not read, and not unread
        m.RoomInfo("Kitchen", "Ada", 1, 0),
    ]
    await ada.post("three")
    assert [event.seq for event in await laptop.expect_posted(1)] == [2]


async def test_a_log_in_by_password_is_welcomed_and_receives_what_follows(
    server: RunningServer,
) -> None:
    ada, laptop = await server.connect(), await server.connect()
    await ada.register("Ada")
    await ada.post("one")
    welcome = await laptop.log_in("Ada")
    await ada.post("two")

    assert welcome.rooms == [m.RoomInfo("general", "", 1, 0)]
    assert [event.text for event in await laptop.expect_posted(1)] == ["two"]


async def test_the_oldest_of_too_many_devices_is_disconnected_even_if_few_are_connected(
    server: RunningServer,
) -> None:
    oldest = await server.connect()
    await oldest.register("Ada")
    for _ in range(Limits().sessions_per_account):
        await oldest.ping()
        device = await server.connect()
        await device.log_in("Ada")
        await device.aclose()

    assert (await oldest.receive_all())[-1] == m.Bye(TOO_MANY_DEVICES)


# --- resuming


async def test_others_have_a_turn_while_the_names_of_many_rooms_are_examined(
    server: RunningServer,
) -> None:
    stranger = await server.connect()
    token = await server.token("Ada")
    async with other_turns() as turns:
        await stranger.resume(token, {f"{'・' * 27}カ{number}": 1 for number in range(300)})
        assert turns() >= 30


async def test_missed_messages_are_in_order_and_then_what_follows(server: RunningServer) -> None:
    ada = await server.log_in("Ada")
    for number in range(1, 121):  # more than two pages
        await ada.post(str(number))
    ben = await server.log_in("Ben", {"general": 3})
    await ada.post("121")

    received = await ben.expect_posted(118)
    assert [event.seq for event in received] == list(range(4, 122))
    assert [event.text for event in received] == [str(number) for number in range(4, 122)]
    await ben.expect_nothing_more()


async def test_a_room_with_the_longest_name_continues_from_the_number_given(
    server: RunningServer,
) -> None:
    ada = await server.log_in("Ada")
    name = "k" * MAX_NAME
    await ada.create(name)
    await ada.post("missed", name)
    ada = await server.log_in("Ada", {name: 0})

    assert [event.text for event in await ada.expect_posted(1)] == ["missed"]


async def test_missed_messages_look_as_if_they_had_been_received(server: RunningServer) -> None:
    ada = await server.log_in("Ada")
    await ada.post("hello", nonce="n")
    ben = await server.log_in("Ben", {"general": 0})

    assert await ben.expect_posted(1) == await ada.expect_posted(1)


async def test_rooms_that_are_not_named_continue_from_now(server: RunningServer) -> None:
    ada = await server.log_in("Ada")
    await ada.create("Kitchen")
    for room in ("general", "kitchen"):
        await ada.post("missed", room)
    ada = await server.log_in("Ada", {"KITCHEN": 0})

    assert [event.room for event in await ada.expect_posted(1)] == ["Kitchen"]
    await ada.expect_nothing_more()


@pytest.mark.parametrize("name", ["nowhere", "", "a b", "\0", "x" * 10_000])
async def test_rooms_that_the_account_is_not_a_member_of_are_ignored(
    server: RunningServer, name: str
) -> None:
    ada = await server.log_in("Ada", {name: 5})

    await ada.expect_nothing_more()


async def test_a_client_that_knows_more_than_the_server_receives_what_follows(
    server: RunningServer,
) -> None:
    ada = await server.log_in("Ada", {"general": 1_000})
    await ada.post("hello")

    assert [event.seq for event in await ada.expect_posted(1)] == [1]


async def test_as_many_as_the_limit_are_sent_without_a_gap(server: RunningServer) -> None:
    await _posted_by_ada(server, MAX_GAP)
    ben = await server.log_in("Ben", {"general": 0})

    assert [event.seq for event in await ben.expect_posted(MAX_GAP)] == list(range(1, MAX_GAP + 1))
    await ben.expect_nothing_more()


async def test_above_the_limit_there_is_one_gap_and_then_new_messages(
    server: RunningServer,
) -> None:
    await _posted_by_ada(server, 2 + MAX_GAP + 1)
    ada = await server.log_in("Ada")
    ben = await server.log_in("Ben", {"general": 2})
    await ada.post("next")

    assert await ben.receive() == m.Gap("general", after=2, before=MAX_GAP + 4)
    assert [event.seq for event in await ben.expect_posted(1)] == [MAX_GAP + 4]
    await ben.expect_nothing_more()


async def test_a_gap_leaves_out_nothing_that_history_does_not_have(server: RunningServer) -> None:
    await _posted_by_ada(server, MAX_GAP + 5)
    ben = await server.log_in("Ben", {"general": 1})
    gap = await ben.expect(m.Gap)
    seqs: list[int] = []
    while not seqs or seqs[-1] + 1 < gap.before:
        page = await ben.history(after=seqs[-1] if seqs else gap.after)
        seqs += [line.seq for line in page.messages]

    assert seqs == list(range(gap.after + 1, gap.before))


async def test_many_who_resume_at_once_are_a_few_queries(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    tokens = [await faulty_server.token(f"Reader{number}") for number in range(20)]
    await _posted_by_ada(faulty_server, 120)
    peers = [await faulty_server.connect() for _ in tokens]
    before = faults.reads

    async with trio.open_nursery() as nursery:
        for peer, token in zip(peers, tokens, strict=True):
            nursery.start_soon(peer.resume, token, {"general": 0})
    for peer in peers:
        assert [event.seq for event in await peer.expect_posted(120)] == list(range(1, 121))
        await peer.expect_nothing_more()
    # Three or four for each of: the accounts, their rooms, and what is unread; and three pages.
    assert faults.reads - before <= 3 * 4 + 3


# --- when it fails


async def test_a_session_whose_missed_messages_cannot_be_read_is_disconnected_and_can_resume(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    ada = await faulty_server.log_in("Ada")
    await ada.post("missed")
    ben = await faulty_server.connect()
    token = await faulty_server.token("Ben")
    with faults.queries_held() as gate:
        await ben.send(m.Resume(token, {"general": 0}, id=1))
        for _ in range(2):  # the account and its rooms
            await gate.wait_reached()
            gate.open_once()
        with faults.failing_reads():
            received = await ben.receive_all()

    assert [type(message) for message in received] == [m.Welcome, m.Bye]
    ben = await faulty_server.log_in("Ben", {"general": 0})
    assert [event.text for event in await ben.expect_posted(1)] == ["missed"]


async def test_a_failed_log_in_can_be_repeated_and_is_offline_meanwhile(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    token = await faulty_server.token("Ada")
    ada = await faulty_server.connect()
    with faults.queries_held() as gate:
        await ada.send(m.Resume(token, {}, id=1))
        await gate.wait_reached()
        with faults.failing_reads():
            gate.open_once()
            error = await ada.expect(m.Error)
        assert (error.code, error.re) == (Code.INTERNAL, 1)
        assert not faulty_server.services.registry.is_online(1)

    await ada.resume(token)
    await ada.post("here I am")
    assert len(await ada.expect_posted(1)) == 1
    await ada.aclose()
    await wait_all_tasks_blocked()
    assert not faulty_server.services.registry.is_online(1)


async def test_a_page_is_read_only_when_the_one_before_has_been_received(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    await _posted_by_ada(faulty_server, MAX_GAP)
    ben = await faulty_server.log_in("Ben", {"general": 0}, lockstep_pair)
    await wait_all_tasks_blocked()
    before = faults.reads
    await ben.expect_posted(1)  # and all that was sent with it
    await wait_all_tasks_blocked()

    assert faults.reads == before + 1
    assert len(await ben.expect_posted(MAX_GAP - 1)) == MAX_GAP - 1


async def test_a_slow_client_is_given_time_for_each_page_and_not_for_all_together(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    await _posted_by_ada(server, MAX_GAP)
    ben = await server.log_in("Ben", {"general": 0}, lockstep_pair)
    began = trio.current_time()
    for _ in range(10):
        await trio.sleep(IDLE_DEADLINE / 5)
        await ben.expect_posted(MAX_GAP // 10)

    assert trio.current_time() - began > IDLE_DEADLINE
    await ben.ping()


async def test_a_session_that_catches_up_too_slowly_is_disconnected(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    await _posted_by_ada(server, 100)
    ben = await server.log_in("Ben", {"general": 0}, lockstep_pair)
    await ben.expect_posted(1)
    await trio.sleep(IDLE_DEADLINE * 2)

    with pytest.raises(Left):
        await ben.expect_posted(100)
    assert not server.services.registry.is_online(2)
