"""Whoever comes in hears everything from a known point on: no gaps and no doubles."""

import random
from itertools import pairwise

import pytest
import trio
from hypothesis import given, settings, strategies as st
from trio.testing import MockClock, wait_all_tasks_blocked

from chat_server.store.api import Draft, Store
from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import IDLE_DEADLINE, MAX_GAP
from support.inline_storage import InlineStorage, inline_storage
from support.peer import Left, Peer
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage
from support.streams import lockstep_pair


async def _said(server: RunningServer, number: int) -> None:
    """Let Ada have said so much in the general room before anybody came."""
    await server.token("Ada")

    def append(store: Store) -> None:
        account = store.account("ada")
        assert account is not None
        first = len(store.messages_after(1, 0, 10_000))
        store.append([Draft(1, account.id, "x", f"s{first + at}") for at in range(number)], 0)

    await server.storage.write(append)
    server.services.rooms.general.last_seq += number


# --- the first time


async def test_whoever_logs_in_hears_what_follows_the_numbers_in_welcome(
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


# --- coming back


async def test_what_was_missed_comes_in_order_and_then_what_follows(server: RunningServer) -> None:
    ada = await server.log_in("Ada")
    for number in range(1, 121):  # more than two pages
        await ada.post(str(number))
    ben = await server.log_in("Ben", {"general": 3})
    await ada.post("121")

    heard = await ben.expect_posted(118)
    assert [event.seq for event in heard] == list(range(4, 122))
    assert [event.text for event in heard] == [str(number) for number in range(4, 122)]
    await ben.expect_nothing_more()


async def test_what_was_missed_looks_as_if_it_had_been_heard(server: RunningServer) -> None:
    ada = await server.log_in("Ada")
    await ada.post("hello", nonce="n")
    ben = await server.log_in("Ben", {"general": 0})

    assert await ben.expect_posted(1) == await ada.expect_posted(1)


async def test_rooms_that_are_not_named_go_on_from_here(server: RunningServer) -> None:
    ada = await server.log_in("Ada")
    await ada.create("Kitchen")
    for room in ("general", "kitchen"):
        await ada.post("missed", room)
    ada = await server.log_in("Ada", {"KITCHEN": 0})

    assert [event.room for event in await ada.expect_posted(1)] == ["Kitchen"]
    await ada.expect_nothing_more()


@pytest.mark.parametrize("name", ["nowhere", "", "a b", "\0", "x" * 10_000])
async def test_rooms_that_one_is_not_in_are_passed_over(server: RunningServer, name: str) -> None:
    ada = await server.log_in("Ada", {name: 5})

    await ada.expect_nothing_more()


async def test_whoever_knows_more_than_the_server_hears_what_follows(server: RunningServer) -> None:
    ada = await server.log_in("Ada", {"general": 1_000})
    await ada.post("hello")

    assert [event.seq for event in await ada.expect_posted(1)] == [1]


async def test_as_much_as_the_bound_is_sent_and_no_gap(server: RunningServer) -> None:
    await _said(server, MAX_GAP)
    ben = await server.log_in("Ben", {"general": 0})

    assert [event.seq for event in await ben.expect_posted(MAX_GAP)] == list(range(1, MAX_GAP + 1))
    await ben.expect_nothing_more()


async def test_above_the_bound_it_is_one_gap_and_live_goes_on_behind_it(
    server: RunningServer,
) -> None:
    await _said(server, 2 + MAX_GAP + 1)
    ada = await server.log_in("Ada")
    ben = await server.log_in("Ben", {"general": 2})
    await ada.post("next")

    assert await ben.receive() == m.Gap("general", after=2, before=MAX_GAP + 4)
    assert [event.seq for event in await ben.expect_posted(1)] == [MAX_GAP + 4]
    await ben.expect_nothing_more()


async def test_a_gap_leaves_out_nothing_that_history_does_not_have(server: RunningServer) -> None:
    await _said(server, MAX_GAP + 5)
    ben = await server.log_in("Ben", {"general": 1})
    gap = await ben.expect(m.Gap)
    seqs: list[int] = []
    while not seqs or seqs[-1] + 1 < gap.before:
        page = await ben.history(after=seqs[-1] if seqs else gap.after)
        seqs += [line.seq for line in page.messages]

    assert seqs == list(range(gap.after + 1, gap.before))


# --- what is said meanwhile


async def test_what_is_said_while_a_page_is_read_is_neither_lost_nor_doubled(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    ada = await faulty_server.log_in("Ada")
    await ada.post("missed")
    ben = await faulty_server.connect()
    token = await faulty_server.token("Ben")
    with faults.queries_held() as gate:
        await ben.send(m.Resume(token, {"general": 0}, id=1))
        for number in range(3):  # the account, its rooms, and what it missed
            await gate.wait_reached()
            await ada.post(f"meanwhile {number}")
            gate.open_once()
    await ben.expect(m.Welcome)
    texts = [event.text for event in await ben.expect_posted(4)]

    assert texts == ["missed", "meanwhile 0", "meanwhile 1", "meanwhile 2"]
    await ben.expect_nothing_more()


async def _let_in(server: RunningServer, name: str, room_name: str) -> None:
    (account,) = (live for live in server.services.registry.online_accounts if live.name == name)
    room = server.services.rooms.find(room_name)
    assert room is not None
    number = room.id
    await server.storage.write(lambda store: store.add_member(number, account.id, 1))
    room.add_member(account)


async def test_a_room_that_is_left_and_joined_again_meanwhile_is_heard_from_there_on(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    laptop = await faulty_server.log_in("Ada")
    await laptop.create("Kitchen")
    await laptop.post("missed", "kitchen")
    phone = await faulty_server.connect()
    token = await faulty_server.token("Ada")
    with faults.queries_held() as gate:
        await phone.send(m.Resume(token, {"Kitchen": 0}, id=1))
        await gate.wait_reached()  # asking for the account
        gate.open_once()
        await gate.wait_reached()  # asking for what it has not read
        gate.open_once()
        await gate.wait_reached()  # asking for what it missed
        await laptop.exit("kitchen")
        laptop.unread.clear()
        await _let_in(faulty_server, "Ada", "kitchen")  # as `join` does, which would wait as well
        await laptop.expect(m.Entered)

    await phone.expect(m.Welcome)
    assert await phone.receive() == m.Entered("Kitchen", "Ada")
    await laptop.post("after", "kitchen")
    assert [event.text for event in await phone.expect_posted(1)] == ["after"]
    await phone.expect_nothing_more()


async def test_whoever_is_catching_up_with_a_room_is_told_when_another_device_leaves_it(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    laptop = await faulty_server.log_in("Ada")
    await laptop.create("Kitchen")
    await laptop.post("missed", "kitchen")
    phone = await faulty_server.connect()
    token = await faulty_server.token("Ada")
    with faults.queries_held() as gate:
        await phone.send(m.Resume(token, {"Kitchen": 0}, id=1))
        await gate.wait_reached()  # asking for the account
        gate.open_once()
        await gate.wait_reached()  # asking for what it has not read
        gate.open_once()
        await gate.wait_reached()  # asking for what it missed
        await laptop.exit("kitchen")

    await phone.expect(m.Welcome)
    assert await phone.receive() == m.Left("Kitchen", "Ada")
    await phone.expect_nothing_more()


async def test_nothing_is_heard_before_welcome_even_while_another_device_enters_a_room(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    laptop = await faulty_server.log_in("Ada")
    for turns in range(25):  # how far the phone has come when the room is made
        phone = await faulty_server.connect()
        token = await faulty_server.token("Ada")
        with faults.answers_held() as gate:
            await laptop.send(m.Create(f"room{turns}", id=laptop.number()))
            await gate.wait_reached()
            await phone.send(m.Resume(token, {}, id=1))
            for _ in range(turns):
                await trio.lowlevel.checkpoint()
        await laptop.expect(m.Created)
        await phone.expect(m.Welcome)  # and the peer fails where anything came before it
        await phone.aclose()


class Reader:
    """Somebody whose line breaks now and then. Keeps what they heard in one room."""

    def __init__(self, server: RunningServer, token: str) -> None:
        self._house = server
        self._token = token
        self.seqs = [0]

    async def run(self, visits: list[int]) -> None:
        """Come, hear so many messages, and go; at the last visit hear to the end."""
        for number in visits:
            peer = await self._come()
            for _ in range(number):
                await self._hear_one(peer)
            await peer.aclose()

    async def finish(self, last: int) -> None:
        peer = await self._come()
        while self.seqs[-1] < last:
            await self._hear_one(peer)
        await peer.expect_nothing_more()

    async def _come(self) -> Peer:
        peer = await self._house.connect()
        await peer.resume(self._token, {"general": self.seqs[-1]})
        return peer

    async def _hear_one(self, peer: Peer) -> None:
        with trio.move_on_after(1):  # it may be that nothing more is said
            self.seqs.append((await peer.expect(m.Posted)).seq)


async def _live_through(seed: int, visits: list[int], posts: int) -> list[int]:
    """Return what a reader with a bad line has heard, while three others talk."""
    fate = random.Random(seed)
    with inline_storage() as storage:
        async with running_server(storage) as server:
            authors = [await server.log_in(name) for name in ("Ada", "Ben", "Cleo")]
            reader = Reader(server, await server.token("Dag"))

            async def talk(author: Peer) -> None:
                for number in range(posts):
                    for _ in range(fate.randrange(12)):
                        await trio.lowlevel.checkpoint()
                    await author.post(str(number))

            async with trio.open_nursery() as nursery:
                nursery.start_soon(reader.run, visits)
                for author in authors:
                    nursery.start_soon(talk, author)
            await reader.finish(3 * posts)
    return reader.seqs


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32),
    visits=st.lists(st.integers(0, 6), max_size=5),
    posts=st.integers(1, 25),
)
def test_whoever_comes_back_often_hears_everything_once(
    seed: int, visits: list[int], posts: int
) -> None:
    clock = MockClock(autojump_threshold=0)
    seqs = trio.run(_live_through, seed, visits, posts, clock=clock)

    assert all(after == before + 1 for before, after in pairwise(seqs))
    assert seqs[-1] == 3 * posts


@pytest.mark.parametrize("seed", range(20))
async def test_whoever_joins_hears_everything_from_that_number_on(
    storage: InlineStorage, seed: int
) -> None:
    fate = random.Random(seed)
    async with running_server(storage) as server:
        ada = await server.log_in("Ada")
        password = await ada.create("Kitchen")
        ben = await server.log_in("Ben")
        joined: list[m.Joined] = []

        async def join() -> None:
            for _ in range(fate.randrange(60)):
                await trio.lowlevel.checkpoint()
            joined.append(await ben.join("kitchen", password))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(join)
            for number in range(30):
                await ada.post(str(number), "kitchen")
        await ada.post("the end", "kitchen")
        seqs: list[int] = []
        while not seqs or seqs[-1] < 31:
            seqs.append((await ben.expect(m.Posted)).seq)

    assert seqs == list(range(seqs[0], 32))
    assert seqs[0] <= joined[0].last_seq + 1


# --- when it goes wrong


async def test_whoever_cannot_be_told_what_they_missed_is_sent_away_to_come_back(
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
            heard = await ben.receive_all()

    assert [type(message) for message in heard] == [m.Welcome, m.Bye]
    ben = await faulty_server.log_in("Ben", {"general": 0})
    assert [event.text for event in await ben.expect_posted(1)] == ["missed"]


async def test_whoever_could_not_be_let_in_may_try_again_and_is_not_here_meanwhile(
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


async def test_whoever_reads_what_they_missed_too_slowly_is_sent_away(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    await _said(server, 100)
    ben = await server.log_in("Ben", {"general": 0}, lockstep_pair)
    await ben.expect_posted(1)
    await trio.sleep(IDLE_DEADLINE * 2)

    with pytest.raises(Left):
        await ben.expect_posted(100)
    assert not server.services.registry.is_online(2)
