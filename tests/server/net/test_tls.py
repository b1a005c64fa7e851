"""Clients connect over TLS, others are refused, and certificates are reloaded while running."""

import os
import signal
import socket
import ssl
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from chat_server.addresses import TcpAddress
from chat_server.config import Config, Limits
from chat_server.net.certificates import CERTIFICATE, KEY, Credentials
from chat_server.net.listeners import Listener, address_of, name_of, open_listeners
from chat_server.net.public import PublicAddresses
from chat_server.net.tls import TlsStream
from chat_server.net.transport import Transport
from chat_server.protocols.native import HANDSHAKE_DEADLINE
from chat_server.run.serving import SHUTTING_DOWN, run_server
from chat_server.sessions.registry import HANDSHAKES, HANDSHAKES_WITHIN
from chat_shared import messages as m
from chat_shared.addresses import Node, limit_address
from chat_shared.links import parse_link
from support.inline_storage import InlineStorage
from support.peer import greeted
from support.running_server import RunningServer, running_server
from support.streams import SocketPair, socket_pair
from support.tls import client_context, encrypted, own_credentials, shown

Lines: TypeAlias = list[MutableMapping[str, Any]]
Connect: TypeAlias = Callable[[int], Awaitable[trio.SocketStream]]


@pytest.fixture
def credentials(tmp_path: Path) -> Credentials:
    return own_credentials(tmp_path)


@pytest.fixture
async def port(server: RunningServer, credentials: Credentials) -> int:
    """The port of a TLS listener of `server`."""
    return await _listen(server, credentials)


@pytest.fixture
async def connect() -> AsyncGenerator[Connect]:
    """Connects to a port of this machine, for as long as the test lasts."""
    async with AsyncExitStack() as open_streams:

        async def connect(port: int) -> trio.SocketStream:
            stream = await trio.open_tcp_stream("127.0.0.1", port)
            return await open_streams.enter_async_context(stream)

        yield connect


async def _listen(server: RunningServer, credentials: Credentials) -> int:
    listeners = await open_listeners(
        [TcpAddress("127.0.0.1", 0, "tls")], lambda: credentials.context
    )
    server.nursery.start_soon(partial(trio.serve_listeners, server.protocol, listeners))
    return _port_of(listeners[0])


def _port_of(listener: Listener) -> int:
    address = address_of(listener)
    assert isinstance(address, TcpAddress)
    return address.port


async def _read_to_end(stream: trio.abc.ReceiveStream) -> bytes:
    data = b""
    try:
        while some := await stream.receive_some(1000):
            data += bytes(some)
    except trio.BrokenResourceError:
        pass
    return data


def _reasons(logged: Lines) -> list[str]:
    return [line["reason"] for line in logged if line["event"] == "session closed"]


async def _wait_reasons(logged: Lines, number: int) -> list[str]:
    """Return the close reasons once `number` are logged, each after its connection closed."""
    with trio.fail_after(10):
        while len(reasons := _reasons(logged)) < number:
            await trio.lowlevel.checkpoint()
    return reasons


async def test_clients_exchange_messages_over_tls(port: int, connect: Connect) -> None:
    ada, ben = [await greeted(await encrypted(await connect(port))) for _ in range(2)]
    await ada.register("ada")
    await ben.register("ben")

    await ada.post("Töpfe 🍲" * 500)

    assert [posted.text for posted in await ben.expect_posted(1)] == ["Töpfe 🍲" * 500]


async def test_the_certificate_matches_the_link_and_tls_is_1_3(
    port: int, credentials: Credentials, connect: Connect
) -> None:
    stream = await encrypted(await connect(port))

    assert shown(stream) == credentials.fingerprint
    assert stream.version() == "TLSv1.3"


async def test_older_tls_is_refused(port: int, connect: Connect, logged: Lines) -> None:
    stream = await connect(port)
    with pytest.raises(trio.BrokenResourceError):
        await encrypted(stream, client_context(ssl.TLSVersion.TLSv1_2))
    assert await _read_to_end(stream) == b""

    [close_reason] = await _wait_reasons(logged, 1)
    assert close_reason.startswith("no TLS handshake: ")


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "http request"),
        (b'{"type":"login","id":1,"name":"ada","password":"correct horse"}\n', "wrong version"),
        (b"\0" * 5000, "wrong version"),
        (b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", "length"),
    ],
)
async def test_bytes_that_are_not_tls_end_that_session_with_one_log_line(
    port: int, connect: Connect, logged: Lines, sent: bytes, reason: str
) -> None:
    stream = await connect(port)
    await stream.send_all(sent)
    answer = await _read_to_end(stream)

    assert b"{" not in answer  # nothing of ours unencrypted
    [close_reason] = await _wait_reasons(logged, 1)
    assert close_reason.startswith("no TLS handshake: ")
    assert reason in close_reason
    assert len(logged) == 1
    await greeted(await encrypted(await connect(port)))  # others connect as before


async def test_a_disconnect_instead_of_a_handshake_is_one_log_line(
    port: int, connect: Connect, logged: Lines
) -> None:
    stream = await connect(port)
    await stream.send_eof()
    await _read_to_end(stream)

    [close_reason] = await _wait_reasons(logged, 1)
    assert close_reason.startswith("no TLS handshake: ")
    assert len(logged) == 1


async def test_a_silent_connection_is_closed_at_the_handshake_deadline(
    server: RunningServer,
    credentials: Credentials,
    sockets: SocketPair,
    logged: Lines,
    autojump_clock: MockClock,
) -> None:
    theirs, ours = sockets
    server.nursery.start_soon(server.protocol, TlsStream(ours, credentials.context))
    start = trio.current_time()

    assert await theirs.receive_some(1) == b""
    assert trio.current_time() - start == HANDSHAKE_DEADLINE
    assert await _wait_reasons(logged, 1) == ["no TLS handshake within 10 seconds"]


async def test_connections_count_before_their_handshake(
    storage: InlineStorage, credentials: Credentials, connect: Connect, logged: Lines
) -> None:
    limits = Limits(connections_per_address=1)
    async with running_server(storage, Config(limits=limits)) as server:
        port = await _listen(server, credentials)
        silent = await connect(port)
        await wait_all_tasks_blocked(0.01)

        # Not worth a handshake, so closed without a message.
        with pytest.raises(trio.BrokenResourceError):
            await encrypted(await connect(port))
        await silent.aclose()
        await wait_all_tasks_blocked(0.01)
        await greeted(await encrypted(await connect(port)))

    reason = "Too many connections from your address. Close other clients or try again later."
    assert reason in await _wait_reasons(logged, 2)


async def test_a_classroom_begins_its_handshakes_at_once_and_a_flood_in_turn(
    server: RunningServer, credentials: Credentials, logged: Lines, autojump_clock: MockClock
) -> None:
    hung_up_at = list[float]()

    async def hang_up() -> None:
        with socket_pair() as (theirs, ours):
            await theirs.aclose()
            await server.protocol(TlsStream(ours, credentials.context))
        hung_up_at.append(trio.current_time())

    start = trio.current_time()
    async with trio.open_nursery() as crowd:
        for _ in range(2 * HANDSHAKES + 1):
            crowd.start_soon(hang_up)

    waits = sorted(at - start for at in hung_up_at)
    assert waits[: HANDSHAKES + 1] == pytest.approx([0.0] * (HANDSHAKES + 1), abs=1e-6)
    step = HANDSHAKES_WITHIN / HANDSHAKES
    assert waits[HANDSHAKES + 1 :] == pytest.approx([step * n for n in range(1, HANDSHAKES + 1)])
    reasons = Counter(server.services.registry.disconnects)
    assert reasons["no TLS handshake: connection lost"] == 2 * HANDSHAKES
    assert reasons["too many connections from the address one after the other"] == 1


async def test_the_close_reason_is_sent_over_tls_too(
    port: int, server: RunningServer, connect: Connect
) -> None:
    stream = await encrypted(await connect(port))
    peer = await greeted(stream)
    server.services.registry.disconnect_all(SHUTTING_DOWN)

    assert await peer.expect(m.Bye) == m.Bye(SHUTTING_DOWN)
    assert await stream.receive_some(1) == b""  # closed cleanly, not cut


async def test_a_lost_connection_is_logged_differently_from_a_disconnect(
    port: int, server: RunningServer, connect: Connect, logged: Lines
) -> None:
    for end in ("close", "cut"):
        stream = await encrypted(await connect(port))
        await greeted(stream)
        await (stream if end == "close" else stream.transport_stream).aclose()
        while len(server.services.registry):
            await trio.lowlevel.checkpoint()

    assert await _wait_reasons(logged, 2) == ["client disconnected", "connection lost"]


async def test_a_peer_that_does_not_read_does_not_delay_closing(
    credentials: Credentials,
    sockets: SocketPair,
    autojump_clock: MockClock,
    nursery: trio.Nursery,
) -> None:
    theirs, ours = sockets
    transport = Transport(TlsStream(ours, credentials.context))
    nursery.start_soon(encrypted, theirs)
    await transport.open()
    while transport.write_nowait(b"x" * 1000):
        pass
    start = trio.current_time()

    await transport.aclose()

    assert trio.current_time() == start


async def test_an_unopened_transport_closes_at_once(
    credentials: Credentials, sockets: SocketPair, autojump_clock: MockClock
) -> None:
    theirs, ours = sockets
    transport = Transport(TlsStream(ours, credentials.context))
    start = trio.current_time()

    await transport.aclose()

    assert trio.current_time() == start
    assert await theirs.receive_some(1) == b""


# --- addresses


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::1", "::1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_an_ipv6_network_counts_as_one_address(host: str, counted: str) -> None:
    assert limit_address(host) == counted


async def test_a_dual_stack_listener_reports_ipv4_addresses_over_tls_too(
    credentials: Credentials,
) -> None:
    [listener] = await open_listeners([TcpAddress("::", 0, "tls")], lambda: credentials.context)
    port = _port_of(listener)
    client = await trio.open_tcp_stream("127.0.0.1", port)
    server = await listener.accept()

    assert name_of(listener) in (f"tls://[::]:{port}", f"tls://0.0.0.0:{port}")
    assert limit_address(Transport(server).peer_host()) == "127.0.0.1"
    for resource in (client, server, listener):
        await trio.aclose_forcefully(resource)


async def test_a_machine_without_ipv6_listens_on_ipv4(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "has_dualstack_ipv6", lambda: False)
    [listener] = await open_listeners([TcpAddress("::", 0)])

    assert name_of(listener) == f"tcp://0.0.0.0:{_port_of(listener)}"
    await listener.aclose()


# --- a whole server


def _replace_pair(folder: Path, other: Path) -> str:
    """Replace the pair in `folder` with a new one; return its fingerprint."""
    fingerprint = own_credentials(other).fingerprint
    for name in (KEY, CERTIFICATE):
        (other / name).rename(folder / name)
    return fingerprint


async def _wait_log(logged: Lines, event: str) -> None:
    with trio.fail_after(10):
        while not any(line["event"] == event for line in logged):
            await trio.lowlevel.checkpoint()


async def test_a_reloaded_certificate_serves_new_connections_and_keeps_open_ones(
    tmp_path: Path, nursery: trio.Nursery, connect: Connect, logged: Lines
) -> None:
    folder = tmp_path / "own"
    first = own_credentials(folder).fingerprint
    config = Config(
        data=tmp_path / "data",
        listen=("tls://127.0.0.1:0",),
        tls_cert=folder / CERTIFICATE,
        tls_key=folder / KEY,
    )
    [port] = await nursery.start(_run, config)
    before = await encrypted(await connect(port))
    ada = await greeted(before)

    second = _replace_pair(folder, tmp_path / "fresh")
    os.kill(os.getpid(), signal.SIGHUP)
    await _wait_log(logged, "certificate reloaded")
    after = await encrypted(await connect(port))
    (folder / KEY).write_text("half a key")
    os.kill(os.getpid(), signal.SIGHUP)
    await _wait_log(logged, "certificate not reloaded")
    still = await encrypted(await connect(port))

    assert shown(before) == first
    assert shown(after) == shown(still) == second != first
    await ada.ping()
    os.kill(os.getpid(), signal.SIGTERM)
    assert await ada.expect(m.Bye) == m.Bye(SHUTTING_DOWN)


async def test_the_join_link_is_logged_once(
    tmp_path: Path, nursery: trio.Nursery, connect: Connect, logged: Lines
) -> None:
    config = Config(data=tmp_path / "data", listen=("tls://127.0.0.1:0",) * 2, host="localhost")
    ports = await nursery.start(_run, config)

    [line] = [line for line in logged if line["event"] == "join link"]
    link = parse_link(line["link"])
    assert (link.host, link.port) == ("localhost", ports[0])
    assert shown(await encrypted(await connect(link.port))) == link.fingerprint
    nursery.cancel_scope.cancel()


async def test_the_other_addresses_are_in_the_greeting_and_in_the_join_link(
    tmp_path: Path, nursery: trio.Nursery, connect: Connect, logged: Lines
) -> None:
    others = ("chat2.example.org:7667", "[::1]:99")
    config = Config(
        data=tmp_path / "data", listen=("tls://127.0.0.1:0",), host="localhost", nodes=others
    )
    [port] = await nursery.start(_run, config)

    stream = await encrypted(await connect(port))
    hello = m.decode_answer(bytes(await stream.receive_some()))
    assert isinstance(hello, m.Hello)
    assert hello.nodes == others
    [line] = [line for line in logged if line["event"] == "join link"]
    assert parse_link(line["link"]).alts == (Node("chat2.example.org", 7667), Node("::1", 99))
    nursery.cancel_scope.cancel()


def test_the_addresses_of_both_machines_may_be_named_on_each() -> None:
    here, there = Node("chat1.example.org", 7667), Node("chat2.example.org", 7667)
    public = PublicAddresses("chat1.example.org", 7667, nodes=(here, there))

    link = public.join_link()
    assert link is not None
    assert link.alts == (there,)


async def _run(config: Config, *, task_status: trio.TaskStatus[list[int]]) -> None:
    """Run a server; started with the ports that it listens on."""

    def announce(names: list[str]) -> None:
        task_status.started([int(name.rpartition(":")[2]) for name in names])

    await run_server(config, announce)
