"""`write_nowait` takes what fits, from the front; `write` waits and sends everything.

`read_nowait` returns what there is, and knows whether there is more.
"""

import array
import fcntl
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

import pytest
import trio
from trio.testing import memory_stream_pair

from chat_server.net.transport import Transport
from support.streams import SocketPair, reset_connection

_UNSENT: Final = 0x894B  # SIOCOUTQNSD of Linux: bytes that have not been sent even once

_BIG = bytes(range(256)) * 4096  # 1 MiB: more than any of the small buffers


async def _read(stream: trio.SocketStream, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += await stream.receive_some(64 * 1024)
    return data


async def test_a_small_write_is_sent_at_once(sockets: SocketPair) -> None:
    theirs, ours = sockets

    assert Transport(ours).write_nowait(b"hello") == 5
    assert await theirs.receive_some(100) == b"hello"


async def test_a_short_write_returns_how_much_was_taken_and_loses_nothing(
    sockets: SocketPair,
) -> None:
    theirs, ours = sockets
    transport = Transport(ours)

    written = transport.write_nowait(_BIG)
    assert 0 < written < len(_BIG)
    while size := transport.write_nowait(_BIG[written:]):
        written += size
    assert await _read(theirs, written) == _BIG[:written]


async def test_a_full_buffer_takes_nothing_and_raises_nothing(sockets: SocketPair) -> None:
    _theirs, ours = sockets
    transport = Transport(ours)
    while transport.write_nowait(_BIG):
        pass

    assert transport.write_nowait(b"one more") == 0


async def test_a_waiting_write_sends_everything(sockets: SocketPair) -> None:
    theirs, ours = sockets
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Transport(ours).write, _BIG)

        assert await _read(theirs, len(_BIG)) == _BIG


async def test_what_has_arrived_is_read_part_by_part_and_then_nothing() -> None:
    listener = (await trio.open_tcp_listeners(0, host="127.0.0.1"))[0]
    theirs = await trio.open_tcp_stream(*listener.socket.getsockname())
    async with listener, theirs, Transport(await listener.accept()) as transport:
        await theirs.send_all(b"x" * 20_000)
        await transport.wait_readable()

        first, more = transport.read_nowait(), transport.may_read
        rest, still_more = transport.read_nowait(), transport.may_read
        assert (len(first or b""), more) == (16 * 1024, True)
        assert (len(rest or b""), still_more) == (20_000 - 16 * 1024, False)
        assert transport.read_nowait() is None

        await theirs.send_all(b"hello")
        await transport.wait_readable()
        assert transport.may_read
        assert transport.read_nowait() == b"hello"


async def test_the_end_that_was_told_with_the_last_bytes_is_read_after_them(
    sockets: SocketPair,
) -> None:
    theirs, ours = sockets
    transport = Transport(ours)
    await theirs.send_all(b"goodbye")
    await theirs.aclose()
    transport.became_readable(ending=True)  # as epoll tells once for both

    assert (transport.read_nowait(), transport.may_read) == (b"goodbye", True)
    assert transport.read_nowait() == b""


async def test_reading_from_a_peer_that_is_gone_raises() -> None:
    transport = Transport(await reset_connection())

    with pytest.raises(trio.BrokenResourceError):
        transport.read_nowait()
    await transport.aclose()


async def test_a_stream_without_a_socket_is_read_after_a_wait() -> None:
    theirs, ours = memory_stream_pair()
    transport = Transport(ours)
    await theirs.send_all(b"hello")
    assert transport.read_nowait() is None

    await transport.wait_readable()
    assert (transport.read_nowait(), transport.may_read) == (b"hello", False)


async def test_both_kinds_of_write_raise_once_the_peer_is_gone(sockets: SocketPair) -> None:
    theirs, ours = sockets
    await theirs.aclose()
    transport = Transport(ours)

    with pytest.raises(trio.BrokenResourceError):
        transport.write_nowait(b"hello")
    with pytest.raises(trio.BrokenResourceError):
        await transport.write(b"hello")


async def test_after_closing_nothing_is_written_to_a_reused_descriptor(
    sockets: SocketPair,
) -> None:
    _theirs, ours = sockets
    transport = Transport(ours)
    number = ours.socket.fileno()
    await transport.aclose()
    others = socket.socketpair()
    try:
        assert number in [end.fileno() for end in others]
        assert transport.write_nowait(b"a secret") == 0
        with pytest.raises(trio.ClosedResourceError):
            await transport.write(b"a secret")
        for end in others:
            end.setblocking(False)
            with pytest.raises(BlockingIOError):
                end.recv(1)
    finally:
        for end in others:
            end.close()


async def test_a_stream_without_a_socket_takes_bytes_only_from_a_waiting_write() -> None:
    theirs, ours = memory_stream_pair()
    transport = Transport(ours)

    assert transport.write_nowait(b"hello") == 0
    await transport.write(b"hello")
    assert await theirs.receive_some(100) == b"hello"
    assert transport.peer_host() == ""


async def test_the_peer_is_known_by_its_ip_address() -> None:
    listener = (await trio.open_tcp_listeners(0, host="127.0.0.1"))[0]
    client = await trio.open_tcp_stream(*listener.socket.getsockname())
    server = await listener.accept()

    assert Transport(server).peer_host() == "127.0.0.1"
    for stream in (client, server, listener):
        await stream.aclose()


async def test_a_peer_on_a_unix_socket_has_no_address(sockets: SocketPair) -> None:
    _theirs, ours = sockets

    assert Transport(ours).peer_host() == ""


async def test_a_peer_that_disconnected_before_it_was_accepted_has_no_address() -> None:
    stream = await reset_connection()

    assert Transport(stream).peer_host() == ""
    await stream.aclose()


@asynccontextmanager
async def _slowly_acknowledged() -> AsyncGenerator[Transport]:
    """Connect over TCP to a peer that acknowledges what it gets a moment later, as readers do."""
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    with socket.create_connection(listener.socket.getsockname()) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
        async with listener, await listener.accept() as stream:
            yield Transport(stream)


def _unsent(transport: Transport) -> int:
    held = array.array("i", [0])
    fcntl.ioctl(transport.fd, _UNSENT, held)
    return held[0]


@pytest.mark.skipif(sys.platform != "linux", reason="what is held back is pushed on Linux only")
async def test_tcp_gathers_small_writes_until_they_are_pushed() -> None:
    async with _slowly_acknowledged() as transport:
        for _ in range(2):
            while not _unsent(transport):
                transport.write_nowait(b"hello")

            transport.push()

            assert _unsent(transport) == 0


async def test_a_push_to_a_peer_that_is_gone_raises_nothing() -> None:
    async with await reset_connection() as stream:
        Transport(stream).push()


async def test_a_push_does_nothing_on_other_sockets(sockets: SocketPair) -> None:
    theirs, ours = sockets
    transport = Transport(ours)
    transport.write_nowait(b"hello")

    transport.push()

    assert await theirs.receive_some(100) == b"hello"
