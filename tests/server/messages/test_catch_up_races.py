"""Posts, joins and leaves during a catch-up are neither lost nor duplicated."""

import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
import trio
from hypothesis import given, settings, strategies as st
from trio.testing import MockClock

from chat_shared import messages as m
from support.inline_storage import InlineStorage, inline_storage
from support.peer import Peer
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage


async def test_messages_posted_while_a_page_is_read_are_neither_lost_nor_duplicated(
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


async def test_a_message_that_is_on_disk_and_not_yet_published_is_received_once(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    ada = await faulty_server.log_in("Ada")
    await ada.post("missed")
    ben = await faulty_server.connect()
    token = await faulty_server.token("Ben")
    with faults.answers_held() as gate:
        await ada.send(ada.draft("meanwhile"))
        await gate.wait_reached()
        assert await faults.texts() == ["missed", "meanwhile"]
        await ben.resume(token, {"general": 0})
        await ben.ping()

    assert [event.text for event in await ben.expect_posted(2)] == ["missed", "meanwhile"]
    await ben.expect_nothing_more()


async def test_a_room_in_which_nothing_was_missed_need_not_wait_for_the_others(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    laptop = await faulty_server.log_in("Ada")
    await laptop.create("kitchen")
    await laptop.post("missed")
    phone = await faulty_server.connect()
    token = await faulty_server.token("Ada")
    with faults.queries_held() as gate:
        await phone.send(m.Resume(token, {"general": 0, "kitchen": 0}, id=1))
        for _ in range(2):  # the account, and its unread messages
            await gate.wait_reached()
            gate.open_once()
        await gate.wait_reached()  # what it missed in general
        await laptop.post("soup", "kitchen")
        assert [event.text for event in await phone.expect_posted(1)] == ["soup"]

    assert [event.text for event in await phone.expect_posted(1)] == ["missed"]


async def _add_member(server: RunningServer, name: str, room_name: str) -> None:
    (account,) = (a for a in server.services.registry.online_accounts if a.name == name)
    room = server.services.rooms.find(room_name)
    assert room is not None
    number = room.id
    await server.storage.write(lambda store: store.add_member(number, account.id, 1))
    room.add_member(account)


@asynccontextmanager
async def _catching_up(
    faults: FaultyStorage, server: RunningServer
) -> AsyncGenerator[tuple[Peer, Peer]]:
    """Yield two devices of Ada's; the second has read what it missed, and sends it afterwards."""
    laptop = await server.log_in("Ada")
    await laptop.create("Kitchen")
    await laptop.post("missed", "kitchen")
    phone = await server.connect()
    token = await server.token("Ada")
    with faults.queries_held() as gate:
        await phone.send(m.Resume(token, {"Kitchen": 0}, id=1))
        for _ in ("the account", "what is unread"):
            await gate.wait_reached()
            gate.open_once()
        await gate.wait_reached()  # what was missed
        yield laptop, phone


async def test_a_room_left_and_rejoined_meanwhile_is_received_from_there_on(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    async with _catching_up(faults, faulty_server) as (laptop, phone):
        await laptop.exit("kitchen")
        laptop.unread.clear()
        # As `join` does, which would wait as well.
        await _add_member(faulty_server, "Ada", "kitchen")
        await laptop.expect(m.Entered)

    await phone.expect(m.Welcome)
    assert await phone.receive() == m.Entered("Kitchen", "Ada")
    await laptop.post("after", "kitchen")
    assert [event.text for event in await phone.expect_posted(1)] == ["after"]
    await phone.expect_nothing_more()


async def test_a_session_that_catches_up_is_notified_when_another_device_leaves_the_room(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    async with _catching_up(faults, faulty_server) as (laptop, phone):
        await laptop.exit("kitchen")

    await phone.expect(m.Welcome)
    assert await phone.receive() == m.Left("Kitchen", "Ada")
    await phone.expect_nothing_more()


async def test_nothing_is_received_before_welcome_even_while_another_device_joins_a_room(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    laptop, ben = await faulty_server.log_in("Ada"), await faulty_server.log_in("Ben")
    await ben.create("Kitchen")
    await ben.post("unread")
    phone = await faulty_server.connect()
    token = await faulty_server.token("Ada")
    with faults.queries_held() as gate:
        await phone.send(m.Resume(token, {}, id=1))
        await gate.wait_reached()  # the account
        gate.open_once()
        await gate.wait_reached()  # what is unread: the session is one of the account's by now
        await _add_member(faulty_server, "Ada", "kitchen")
        await laptop.expect(m.Entered)

    welcome = await phone.receive()
    assert isinstance(welcome, m.Welcome)
    assert [room.room for room in welcome.rooms] == ["general", "Kitchen"]


class Reader:
    """A client whose connection breaks now and then. Keeps what it received in one room."""

    def __init__(self, server: RunningServer, token: str) -> None:
        self._server = server
        self._token = token
        self.seqs = [0]

    async def run(self, visits: list[int]) -> None:
        """Resume, receive so many messages, and disconnect; the last time, receive to the end."""
        for number in visits:
            peer = await self._resume()
            for _ in range(number):
                await self._receive_one(peer)
            await peer.aclose()

    async def finish(self, last: int) -> None:
        peer = await self._resume()
        while self.seqs[-1] < last:
            await self._receive_one(peer)
        await peer.expect_nothing_more()

    async def _resume(self) -> Peer:
        peer = await self._server.connect()
        await peer.resume(self._token, {"general": self.seqs[-1]})
        return peer

    async def _receive_one(self, peer: Peer) -> None:
        with trio.move_on_after(1):  # there may be nothing more to receive
            self.seqs.append((await peer.expect(m.Posted)).seq)


async def _with_a_bad_connection(seed: int, visits: list[int], posts: int) -> list[int]:
    """Return what a client with a bad connection has received, while three others post."""
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
def test_a_client_that_resumes_often_receives_everything_once(
    seed: int, visits: list[int], posts: int
) -> None:
    clock = MockClock(autojump_threshold=0)
    seqs = trio.run(_with_a_bad_connection, seed, visits, posts, clock=clock)

    assert all(after == before + 1 for before, after in pairwise(seqs))
    assert seqs[-1] == 3 * posts


@pytest.mark.parametrize("seed", range(20))
async def test_a_member_who_joins_receives_everything_from_that_number_on(
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
