"""A write that never waits takes what fits, from the front; one that waits takes all."""

import socket
import struct

import pytest
import trio
from trio.testing import memory_stream_pair

from chat_server.net.transport import Transport
from support.streams import SocketPair

_BIG = bytes(range(256)) * 4096  # 1 MiB: more than any buffer that was asked to be small


async def _read(stream: trio.SocketStream, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += await stream.receive_some(64 * 1024)
    return data


async def _reset_connection() -> trio.SocketStream:
    """Return the server's end of a connection that its client has cut already."""
    listener = (await trio.open_tcp_listeners(0, host="127.0.0.1"))[0]
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.connect(listener.socket.getsockname())
    async with listener:
        return await listener.accept()


async def test_what_fits_is_written_at_once(sockets: SocketPair) -> None:
    theirs, ours = sockets

    assert Transport(ours).write_nowait(b"hello") == 5
    assert await theirs.receive_some(100) == b"hello"


async def test_what_does_not_fit_is_left_to_the_caller_and_nothing_is_lost(
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


async def test_a_write_that_waits_takes_everything(sockets: SocketPair) -> None:
    theirs, ours = sockets
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Transport(ours).write, _BIG)

        assert await _read(theirs, len(_BIG)) == _BIG


async def test_what_is_read_is_no_more_than_was_asked_for(sockets: SocketPair) -> None:
    theirs, ours = sockets
    transport = Transport(ours)
    await theirs.send_all(b"hello there")
    await theirs.aclose()

    assert await transport.read(5) == b"hello"
    assert await transport.read(100) == b" there"
    assert await transport.read(100) == b""


async def test_a_peer_that_is_gone_breaks_both_ways_of_writing(sockets: SocketPair) -> None:
    theirs, ours = sockets
    await theirs.aclose()
    transport = Transport(ours)

    with pytest.raises(trio.BrokenResourceError):
        transport.write_nowait(b"hello")
    with pytest.raises(trio.BrokenResourceError):
        await transport.write(b"hello")


async def test_after_closing_nothing_is_written_to_whoever_has_the_descriptor_next(
    sockets: SocketPair,
) -> None:
    _theirs, ours = sockets
    transport = Transport(ours)
    number = ours.socket.fileno()
    await transport.aclose()
    others = socket.socketpair()
    try:
        assert number in [end.fileno() for end in others]
        with pytest.raises((trio.BrokenResourceError, trio.ClosedResourceError)):
            transport.write_nowait(b"a secret")
        for end in others:
            end.setblocking(False)
            with pytest.raises(BlockingIOError):
                end.recv(1)
    finally:
        for end in others:
            end.close()


async def test_a_stream_that_is_no_socket_takes_nothing_now_and_everything_later() -> None:
    theirs, ours = memory_stream_pair()
    transport = Transport(ours)

    assert transport.write_nowait(b"hello") == 0
    await transport.write(b"hello")
    assert await theirs.receive_some(100) == b"hello"
    assert transport.peer_address() == ""


async def test_the_address_of_a_peer_is_the_one_it_comes_from() -> None:
    listener = (await trio.open_tcp_listeners(0, host="127.0.0.1"))[0]
    client = await trio.open_tcp_stream(*listener.socket.getsockname())
    server = await listener.accept()

    assert Transport(server).peer_address() == "127.0.0.1"
    for stream in (client, server, listener):
        await stream.aclose()


async def test_a_peer_on_a_unix_socket_has_no_address(sockets: SocketPair) -> None:
    _theirs, ours = sockets

    assert Transport(ours).peer_address() == ""


async def test_a_peer_that_was_gone_before_it_was_let_in_has_no_address() -> None:
    stream = await _reset_connection()

    assert Transport(stream).peer_address() == ""
    await stream.aclose()
