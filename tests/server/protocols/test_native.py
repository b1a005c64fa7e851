"""Connections: accepted or refused, and what ends them, with the exact times."""

from collections.abc import AsyncGenerator, Callable, MutableMapping
from typing import Any, cast

import pytest
import trio
from trio.testing import MockClock, memory_stream_pair, wait_all_tasks_blocked

from chat_server.config import Config, Limits
from chat_server.net.outbox import MAX_BLOCKS, WRITE_DEADLINE
from chat_server.protocols.native import CLOSE_DEADLINE
from chat_server.requests.handlers import HANDLERS
from chat_server.services import Services
from chat_server.sessions.session import Session
from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import IDLE_DEADLINE, LOGIN_DEADLINE, PING_INTERVAL
from support.inline_storage import InlineStorage
from support.peer import Peer, connected
from support.running_server import HELLO, RunningServer, running_server
from support.store_faults import FaultyStorage
from support.streams import lockstep_pair

Lines = list[MutableMapping[str, Any]]

# Seconds that a peer has to receive its close reason.
_CLOSE_DEADLINE = 5.0


def _reasons(lines: Lines) -> list[str]:
    return [line["reason"] for line in lines if line["event"] == "session closed"]


async def _left(server: RunningServer, number: int = 0) -> None:
    """Wait until at most `number` sessions are left."""
    while len(server.services.registry) > number:
        await trio.lowlevel.checkpoint()


# --- connecting


async def test_the_server_sends_hello_first(server: RunningServer) -> None:
    peer = Peer(server.open_stream())

    assert await peer.receive() == HELLO


async def test_a_session_ends_with_its_connection_and_one_log_line(
    server: RunningServer, logged: Lines
) -> None:
    ada = await server.log_in("Ada")
    await ada.aclose()
    await _left(server)
    await wait_all_tasks_blocked()

    assert logged == [
        {
            "event": "session closed",
            "log_level": "info",
            "account": "Ada",
            "reason": "client disconnected",
        }
    ]


@pytest.fixture
async def small_server(storage: InlineStorage) -> AsyncGenerator[RunningServer]:
    """A server for three connections, two from one address."""
    limits = Limits(connections=3, connections_per_address=2)
    async with running_server(storage, Config(limits=limits)) as server:
        yield server


async def test_a_full_server_refuses_a_connection_with_an_error_and_a_reason(
    small_server: RunningServer, logged: Lines
) -> None:
    for _ in range(3):
        await small_server.connect()
    peer = Peer(small_server.open_stream())
    received = await peer.receive_all()

    assert received[0] == HELLO
    assert isinstance(received[1], m.Error)
    assert (received[1].code, received[1].re) == (Code.SERVER_FULL, None)
    assert received[2] == m.Bye("The server is full. Try again later.")
    assert len(received) == 3
    assert _reasons(logged) == ["The server is full. Try again later."]


async def test_one_address_cannot_use_up_all_connections(small_server: RunningServer) -> None:
    address = await small_server.listen()
    peers = [await connected(address) for _ in range(2)]
    third = await connected(address)

    assert (await third.expect(m.Error)).code == Code.SERVER_FULL
    await small_server.connect()
    await peers[0].aclose()
    await _left(small_server, 2)
    for peer in (await connected(address), peers[1], third):
        await peer.aclose()


async def test_connections_during_shutdown_are_refused(
    server: RunningServer,
) -> None:
    server.services.registry.disconnect_all("the server is shutting down")
    received = await Peer(server.open_stream()).receive_all()

    assert [type(message) for message in received] == [m.Hello, m.Error, m.Bye]
    assert cast("m.Error", received[1]).code == Code.SHUTTING_DOWN


# --- closing


async def test_on_shutdown_every_client_receives_the_reason(
    server: RunningServer, logged: Lines
) -> None:
    peers = [await server.log_in("Ada"), await server.connect()]
    server.services.registry.disconnect_all("the server is shutting down")

    for peer in peers:
        assert await peer.receive_all() == [m.Bye("the server is shutting down")]
    await wait_all_tasks_blocked()
    assert _reasons(logged) == ["the server is shutting down"] * 2


async def test_queued_messages_are_sent_before_the_close_reason(server: RunningServer) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben", pair=lockstep_pair)
    for number in range(10):
        await ada.post(str(number))
    server.services.registry.disconnect_all("the server is shutting down")

    received = await ben.receive_all()
    assert [event.text for event in received[:-1] if isinstance(event, m.Posted)] == [
        str(number) for number in range(10)
    ]
    assert received[-1] == m.Bye("the server is shutting down")


async def test_a_peer_that_does_not_read_the_close_reason_is_not_awaited(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben", pair=lockstep_pair)
    await ada.post("hello")  # and Ben does not read it
    start = trio.current_time()
    server.services.registry.disconnect_all("the server is shutting down")
    with pytest.raises(trio.BrokenResourceError):
        await ben.stream.send_all(b"x")  # waits for a reader or the close

    assert trio.current_time() - start == _CLOSE_DEADLINE


async def test_a_session_whose_connection_is_lost_is_offline(server: RunningServer) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    await ben.aclose()
    await _left(server, 1)
    await ada.post("Ben?")

    page = await ada.grant(m.Members("general", id=1), m.MemberPage)
    assert [(member.name, member.online) for member in page.members] == [
        ("Ada", True),
        ("Ben", False),
    ]


# --- deadlines


async def test_a_client_that_does_not_log_in_within_a_minute_is_disconnected(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    start = trio.current_time()
    peer = await server.connect()
    received = await peer.receive_all()

    assert received == [m.Bye("no log-in within 60 seconds")]
    assert trio.current_time() - start == LOGIN_DEADLINE == 60.0


async def test_requests_do_not_extend_the_login_deadline(
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
        assert await peer.expect(m.Bye) == m.Bye("no log-in within 60 seconds")
        nursery.cancel_scope.cancel()

    assert trio.current_time() - start == LOGIN_DEADLINE


async def test_half_a_request_does_not_extend_the_login_deadline(
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


async def test_a_client_silent_for_ninety_seconds_is_disconnected(
    server: RunningServer, autojump_clock: MockClock, logged: Lines
) -> None:
    ada = await server.log_in("Ada")
    start = trio.current_time()

    assert await ada.receive_all() == [m.Bye("nothing received for 90 seconds")]
    assert trio.current_time() - start == IDLE_DEADLINE == 90.0
    assert _reasons(logged) == ["nothing received for 90 seconds"]


async def test_a_client_that_pings_stays_connected(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await server.log_in("Ada")
    for _ in range(20):
        await trio.sleep(PING_INTERVAL)
        await ada.ping()


async def test_receiving_messages_does_not_extend_the_idle_deadline(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    start = trio.current_time()
    async with trio.open_nursery() as nursery:

        async def talk() -> None:
            while True:
                await ada.post("hello")
                await trio.sleep(20)

        nursery.start_soon(talk)
        assert await ben.expect(m.Bye) == m.Bye("nothing received for 90 seconds")
        nursery.cancel_scope.cancel()

    assert trio.current_time() - start == IDLE_DEADLINE
    assert len(ben.unread) == 5  # the messages at 0, 20, 40, 60 and 80 seconds


# --- clients that do not read


async def test_a_stalled_reader_delays_nobody_and_is_disconnected(
    server: RunningServer, autojump_clock: MockClock, logged: Lines
) -> None:
    ada, cleo = await server.log_in("Ada"), await server.log_in("Cleo")
    await server.log_in("Ben", pair=lockstep_pair)  # stops reading
    start = trio.current_time()
    for number in range(MAX_BLOCKS + 10):
        await ada.post(str(number))
        assert (await cleo.expect_posted(1))[0].seq == number + 1

    assert trio.current_time() == start  # nobody waited
    await _left(server, 2)
    assert not server.services.registry.is_online(3)
    await trio.sleep(_CLOSE_DEADLINE)
    await wait_all_tasks_blocked()
    assert _reasons(logged) == ["your connection is too slow"]


async def test_a_stalled_reader_catches_up_on_exactly_what_it_missed(server: RunningServer) -> None:
    ada = await server.log_in("Ada")
    ben = await server.log_in("Ben", pair=lockstep_pair)
    posted = 0
    while server.services.registry.is_online(2):
        await ada.post(f"{posted + 1} " + "x" * 7_000)
        posted += 1
    received = [event for event in await ben.receive_all() if isinstance(event, m.Posted)]
    assert [event.seq for event in received] == list(range(1, len(received) + 1))
    assert len(received) < posted

    position = len(received)
    while position < posted:  # repeats if there was a gap
        ben = await server.log_in("Ben", {"general": position})
        first = await ben.receive()
        if isinstance(first, m.Gap):
            assert first.after == position
            page = await ben.history(after=position)
            seqs = [line.seq for line in page.messages]
        else:
            assert isinstance(first, m.Posted)
            rest = await ben.expect_posted(posted - position - 1)
            seqs = [first.seq, *(event.seq for event in rest)]
        assert seqs == list(range(position + 1, position + 1 + len(seqs)))
        position = seqs[-1]


async def test_a_connection_that_takes_no_bytes_for_half_a_minute_is_closed(
    server: RunningServer, autojump_clock: MockClock, logged: Lines
) -> None:
    ada = await server.log_in("Ada")
    await server.log_in("Ben", pair=lockstep_pair)
    await ada.post("hello")
    await trio.sleep(WRITE_DEADLINE - 0.001)
    assert server.services.registry.is_online(2)
    await trio.sleep(0.002)
    await wait_all_tasks_blocked()

    assert not server.services.registry.is_online(2)
    await trio.sleep(_CLOSE_DEADLINE)
    await wait_all_tasks_blocked()
    assert _reasons(logged) == ["your connection is too slow"]


async def test_over_real_sockets_a_stalled_reader_delays_nobody_and_loses_nothing(
    server: RunningServer,
) -> None:
    address = await server.listen()
    ada, ben = await connected(address), await connected(address)
    await ada.resume(await server.token("Ada"))
    token = await server.token("Ben")
    await ben.resume(token)
    text = "🍲" * 8_000
    posted = 0
    while server.services.registry.is_online(2):
        posted = (await ada.post(text)).seq
        assert (await ada.expect_posted(1))[0].seq == posted
    await ada.post("the end")

    received = [event.seq for event in await ben.receive_all() if isinstance(event, m.Posted)]
    assert received == list(range(1, len(received) + 1))
    await ben.aclose()
    ben = await connected(address)
    await ben.resume(token, {"general": len(received)})
    missed = await ben.expect_posted(posted + 1 - len(received))
    assert [event.seq for event in missed] == list(range(len(received) + 1, posted + 2))
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
async def test_a_bug_ends_one_session_and_no_other(
    server: RunningServer, logged: Lines, pair: Callable[[], Any]
) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben", pair=pair)
    await ben.send(m.Ping(id=1))
    await ben.receive_all()
    await wait_all_tasks_blocked()
    await ada.post("still here")

    assert [line["event"] for line in logged] == ["session crashed", "session closed"]
    assert not server.services.registry.is_online(2)
    assert len(server.services.registry) == 1


# --- half-closed


async def test_a_client_that_has_sent_all_gets_every_reply(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    ada = await faulty_server.log_in("Ada")
    with faults.commits_held() as gate:
        await ada.send(*[ada.draft(f"post {number}") for number in range(8)])
        assert isinstance(ada.stream, trio.abc.HalfCloseableStream)
        await ada.stream.send_eof()
        await gate.wait_reached()
        await wait_all_tasks_blocked()

    received = await ada.receive_all()
    accepted = [message.seq for message in received if isinstance(message, m.Accepted)]
    assert accepted == [1, 2, 3, 4, 5, 6, 7, 8]
    assert received[-1] == m.Bye("client disconnected")


async def test_nor_do_reports_of_what_was_read_go_without_a_reply(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    ada = await faulty_server.log_in("Ada")
    await ada.send(m.Read("general", 0, id=1), m.Read("general", 0, id=2))
    assert isinstance(ada.stream, trio.abc.HalfCloseableStream)
    await ada.stream.send_eof()

    received = await ada.receive_all()
    assert [reply.re for reply in received if isinstance(reply, m.Ok)] == [1, 2]
    assert received[-1] == m.Bye("client disconnected")


async def test_a_disk_that_stands_still_holds_no_half_closed_connection_for_long(
    faults: FaultyStorage, faulty_server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await faulty_server.log_in("Ada")
    with faults.commits_held():
        await ada.send(ada.draft("hello"))
        assert isinstance(ada.stream, trio.abc.HalfCloseableStream)
        await ada.stream.send_eof()
        with trio.fail_after(CLOSE_DEADLINE + 1):
            assert (await ada.receive_all())[-1] == m.Bye("client disconnected")


# --- the log


async def test_strangers_who_come_and_go_do_not_fill_the_log_nor_hide_members(
    server: RunningServer, logged: Lines
) -> None:
    ada = await server.log_in("Ada")
    for _ in range(100):
        await server.open_stream().aclose()
    await wait_all_tasks_blocked()
    await ada.aclose()
    await wait_all_tasks_blocked()

    closed = [line for line in logged if line["event"] == "session closed"]
    assert len(closed) <= 21  # at most two seconds have begun
    assert closed[-1]["account"] == "Ada"
    assert server.services.registry.disconnects.total() == 101
