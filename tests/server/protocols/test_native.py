"""The door: who comes in, who is turned away, and what ends a visit, with the exact times."""

from collections.abc import AsyncGenerator, Callable, MutableMapping
from typing import Any, cast

import pytest
import trio
from trio.testing import MockClock, memory_stream_pair, wait_all_tasks_blocked

from chat_server.config import Config, Limits
from chat_server.net.outbox import MAX_BLOCKS, WRITE_DEADLINE
from chat_server.requests.handlers import HANDLERS
from chat_server.services import Services
from chat_server.sessions.session import Session
from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import IDLE_DEADLINE, LOGIN_DEADLINE, PING_INTERVAL
from support.inline_storage import InlineStorage
from support.peer import Peer, connected
from support.running_server import HELLO, RunningServer, running_server
from support.streams import lockstep_pair

Lines = list[MutableMapping[str, Any]]

# Seconds that the door gives a peer to take its goodbye.
_FAREWELL = 5.0


def _reasons(lines: Lines) -> list[str]:
    return [line["reason"] for line in lines if line["event"] == "session ended"]


async def _left(server: RunningServer, number: int = 0) -> None:
    """Wait until no more than `number` are inside."""
    while len(server.services.registry) > number:
        await trio.lowlevel.checkpoint()


# --- coming


async def test_the_server_speaks_first(server: RunningServer) -> None:
    peer = Peer(server.let_in())

    assert await peer.receive() == HELLO


async def test_a_visit_ends_with_the_clients_end_and_one_line_in_the_log(
    server: RunningServer, logged: Lines
) -> None:
    ada = await server.enter("Ada")
    await ada.aclose()
    await _left(server)
    await wait_all_tasks_blocked()

    assert logged == [
        {
            "event": "session ended",
            "log_level": "info",
            "account": "Ada",
            "reason": "the client left",
        }
    ]


@pytest.fixture
async def small_server(storage: InlineStorage) -> AsyncGenerator[RunningServer]:
    """A house for three, two from one address."""
    limits = Limits(connections=3, connections_per_address=2)
    async with running_server(storage, Config(limits=limits)) as server:
        yield server


async def test_a_full_server_says_so_and_goodbye(
    small_server: RunningServer, logged: Lines
) -> None:
    for _ in range(3):
        await small_server.connect()
    peer = Peer(small_server.let_in())
    heard = await peer.hear_all()

    assert heard[0] == HELLO
    assert isinstance(heard[1], m.Error)
    assert (heard[1].code, heard[1].re) == (Code.SERVER_FULL, None)
    assert heard[2] == m.Bye("The server is full. Try again later.")
    assert len(heard) == 3
    assert _reasons(logged) == ["The server is full. Try again later."]


async def test_one_address_cannot_take_every_place(small_server: RunningServer) -> None:
    address = await small_server.listen()
    peers = [await connected(address) for _ in range(2)]
    third = await connected(address)

    assert (await third.hear(m.Error)).code == Code.SERVER_FULL
    await small_server.connect()
    await peers[0].aclose()
    await _left(small_server, 2)
    for peer in (await connected(address), peers[1], third):
        await peer.aclose()


async def test_whoever_comes_while_the_server_ends_is_told_to_come_later(
    server: RunningServer,
) -> None:
    server.services.registry.dismiss("the server is shutting down")
    heard = await Peer(server.let_in()).hear_all()

    assert [type(message) for message in heard] == [m.Hello, m.Error, m.Bye]
    assert cast("m.Error", heard[1]).code == Code.SHUTTING_DOWN


# --- going


async def test_when_the_server_ends_everybody_is_told(server: RunningServer, logged: Lines) -> None:
    peers = [await server.enter("Ada"), await server.connect()]
    server.services.registry.dismiss("the server is shutting down")

    for peer in peers:
        assert await peer.hear_all() == [m.Bye("the server is shutting down")]
    await wait_all_tasks_blocked()
    assert _reasons(logged) == ["the server is shutting down"] * 2


async def test_what_is_on_its_way_is_sent_before_goodbye(server: RunningServer) -> None:
    ada, ben = await server.enter("Ada"), await server.enter("Ben", pair=lockstep_pair)
    for number in range(10):
        await ada.post(str(number))
    server.services.registry.dismiss("the server is shutting down")

    heard = await ben.hear_all()
    assert [event.text for event in heard[:-1] if isinstance(event, m.Posted)] == [
        str(number) for number in range(10)
    ]
    assert heard[-1] == m.Bye("the server is shutting down")


async def test_whoever_does_not_take_the_goodbye_is_not_waited_for(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada, ben = await server.enter("Ada"), await server.enter("Ben", pair=lockstep_pair)
    await ada.post("hello")  # and Ben reads nothing of it
    start = trio.current_time()
    server.services.registry.dismiss("the server is shutting down")
    with pytest.raises(trio.BrokenResourceError):
        await ben.stream.send_all(b"x")  # waits for a reader, or for the end

    assert trio.current_time() - start == _FAREWELL


async def test_a_session_that_is_cut_off_is_gone_from_its_rooms(server: RunningServer) -> None:
    ada, ben = await server.enter("Ada"), await server.enter("Ben")
    await ben.aclose()
    await _left(server, 1)
    await ada.post("Ben?")

    page = await ada.grant(m.Members("general", id=1), m.MemberPage)
    assert [(member.name, member.online) for member in page.members] == [
        ("Ada", True),
        ("Ben", False),
    ]


# --- deadlines


async def test_whoever_does_not_log_in_within_a_minute_is_sent_away(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    start = trio.current_time()
    peer = await server.connect()
    heard = await peer.hear_all()

    assert heard == [m.Bye("nobody logged in for 60 seconds")]
    assert trio.current_time() - start == LOGIN_DEADLINE == 60.0


async def test_asking_without_logging_in_gains_no_time(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    start = trio.current_time()
    peer = await server.connect()
    async with trio.open_nursery() as nursery:

        async def ask() -> None:
            while True:
                await peer.send(m.Ping(id=1), m.Resume("guess", {}, id=2))
                await trio.sleep(7)

        nursery.start_soon(ask)
        assert await peer.hear(m.Bye) == m.Bye("nobody logged in for 60 seconds")
        nursery.cancel_scope.cancel()

    assert trio.current_time() - start == LOGIN_DEADLINE


async def test_half_a_request_gains_no_time(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    start = trio.current_time()
    peer = await server.connect()
    async with trio.open_nursery() as nursery:

        async def trickle() -> None:
            while True:
                await peer.send_bytes(b" ")
                await trio.sleep(1)

        nursery.start_soon(trickle)
        assert isinstance(await peer.receive(), m.Bye)
        nursery.cancel_scope.cancel()

    assert trio.current_time() - start == LOGIN_DEADLINE


async def test_whoever_is_silent_for_ninety_seconds_is_sent_away(
    server: RunningServer, autojump_clock: MockClock, logged: Lines
) -> None:
    ada = await server.enter("Ada")
    start = trio.current_time()

    assert await ada.hear_all() == [m.Bye("silent for 90 seconds")]
    assert trio.current_time() - start == IDLE_DEADLINE == 90.0
    assert _reasons(logged) == ["silent for 90 seconds"]


async def test_whoever_pings_stays(server: RunningServer, autojump_clock: MockClock) -> None:
    ada = await server.enter("Ada")
    for _ in range(20):
        await trio.sleep(PING_INTERVAL)
        await ada.ping()


async def test_hearing_others_is_no_sign_of_life(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada, ben = await server.enter("Ada"), await server.enter("Ben")
    start = trio.current_time()
    async with trio.open_nursery() as nursery:

        async def talk() -> None:
            while True:
                await ada.post("hello")
                await trio.sleep(20)

        nursery.start_soon(talk)
        assert await ben.hear(m.Bye) == m.Bye("silent for 90 seconds")
        nursery.cancel_scope.cancel()

    assert trio.current_time() - start == IDLE_DEADLINE
    assert len(ben.unread) == 5  # what was said at 0, 20, 40, 60 and 80


# --- those who do not read


async def test_a_reader_that_stalls_holds_nobody_up_and_is_sent_away(
    server: RunningServer, autojump_clock: MockClock, logged: Lines
) -> None:
    ada, cleo = await server.enter("Ada"), await server.enter("Cleo")
    await server.enter("Ben", pair=lockstep_pair)  # never reads again
    start = trio.current_time()
    for number in range(MAX_BLOCKS + 10):
        await ada.post(str(number))
        assert (await cleo.hear_posted(1))[0].seq == number + 1

    assert trio.current_time() == start  # nobody waited for anything
    await _left(server, 2)
    assert not server.services.registry.online(3)
    await trio.sleep(_FAREWELL)
    await wait_all_tasks_blocked()
    assert _reasons(logged) == ["too slow: come back and catch up"]


async def test_a_reader_that_stalls_gets_exactly_what_it_missed(server: RunningServer) -> None:
    ada = await server.enter("Ada")
    ben = await server.enter("Ben", pair=lockstep_pair)
    said = 0
    while server.services.registry.online(2):
        await ada.post(f"{said + 1} " + "x" * 7_000)
        said += 1
    heard = [event for event in await ben.hear_all() if isinstance(event, m.Posted)]
    assert [event.seq for event in heard] == list(range(1, len(heard) + 1))
    assert len(heard) < said

    position = len(heard)
    while position < said:  # more than one round where that left a gap
        ben = await server.enter("Ben", {"general": position})
        first = await ben.receive()
        if isinstance(first, m.Gap):
            assert first.after == position
            page = await ben.history(after=position)
            seqs = [line.seq for line in page.messages]
        else:
            assert isinstance(first, m.Posted)
            rest = await ben.hear_posted(said - position - 1)
            seqs = [first.seq, *(event.seq for event in rest)]
        assert seqs == list(range(position + 1, position + 1 + len(seqs)))
        position = seqs[-1]


async def test_a_line_that_takes_nothing_for_half_a_minute_is_dead(
    server: RunningServer, autojump_clock: MockClock, logged: Lines
) -> None:
    ada = await server.enter("Ada")
    await server.enter("Ben", pair=lockstep_pair)
    await ada.post("hello")
    await trio.sleep(WRITE_DEADLINE - 0.001)
    assert server.services.registry.online(2)
    await trio.sleep(0.002)
    await wait_all_tasks_blocked()

    assert not server.services.registry.online(2)
    await trio.sleep(_FAREWELL)
    await wait_all_tasks_blocked()
    assert _reasons(logged) == ["too slow: come back and catch up"]


async def test_over_real_sockets_a_reader_that_stalls_holds_nobody_up_and_loses_nothing(
    server: RunningServer,
) -> None:
    address = await server.listen()
    ada, ben = await connected(address), await connected(address)
    await ada.resume(await server.token("Ada"))
    token = await server.token("Ben")
    await ben.resume(token)
    text = "🍲" * 8_000
    said = 0
    while server.services.registry.online(2):
        said = (await ada.post(text)).seq
        assert (await ada.hear_posted(1))[0].seq == said
    await ada.post("the end")

    heard = [event.seq for event in await ben.hear_all() if isinstance(event, m.Posted)]
    assert heard == list(range(1, len(heard) + 1))
    await ben.aclose()
    ben = await connected(address)
    await ben.resume(token, {"general": len(heard)})
    missed = await ben.hear_posted(said + 1 - len(heard))
    assert [event.seq for event in missed] == list(range(len(heard) + 1, said + 2))
    for peer in (ada, ben):
        await peer.aclose()


# --- the bulkhead


@pytest.fixture
def buggy_ping(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server with a bug: a ping crashes the session that sends it."""

    async def crash(_: Services, __: Session, request: m.Ping) -> m.Pong:
        raise ZeroDivisionError(f"the secret number {request.id}")

    monkeypatch.setitem(HANDLERS, cast("type[m.Request]", m.Ping), crash)


@pytest.mark.usefixtures("buggy_ping")
@pytest.mark.parametrize("pair", [memory_stream_pair, lockstep_pair])
async def test_a_bug_ends_one_session_and_nobody_else_notices(
    server: RunningServer, logged: Lines, pair: Callable[[], Any]
) -> None:
    ada, ben = await server.enter("Ada"), await server.enter("Ben", pair=pair)
    await ben.send(m.Ping(id=1))
    await ben.hear_all()
    await wait_all_tasks_blocked()
    await ada.post("still here")

    assert [line["event"] for line in logged] == ["session crashed", "session ended"]
    assert not server.services.registry.online(2)
    assert len(server.services.registry) == 1
