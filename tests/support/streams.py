"""Slow and broken streams, and a transport that follows a script."""

import socket
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

import trio
from trio.testing import lockstep_stream_pair

from chat_server.net.transport import Transport

SocketPair: TypeAlias = tuple[trio.SocketStream, trio.SocketStream]

# The result of one write: how many bytes are taken at most, or the error.
Outcome: TypeAlias = int | type[trio.BrokenResourceError]


def lockstep_pair() -> tuple[trio.abc.Stream, trio.abc.Stream]:
    """Return two connected ends without a buffer: each send waits for its reader."""
    return lockstep_stream_pair()


async def reset_connection() -> trio.SocketStream:
    """Return the server's end of a connection that its client has already reset."""
    listener = (await trio.open_tcp_listeners(0, host="127.0.0.1"))[0]
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.connect(listener.socket.getsockname())
    async with listener:
        return await listener.accept()


@contextmanager
def socket_pair() -> Iterator[SocketPair]:
    """Yield two connected sockets, with as little buffer as the system allows."""
    first, second = socket.socketpair()
    with first, second:
        yield _stream_on(first), _stream_on(second)


def _stream_on(end: socket.socket) -> trio.SocketStream:
    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
    return trio.SocketStream(trio.socket.from_stdlib_socket(end))


class ScriptedTransport(Transport):
    """Takes bytes as its script tells: one outcome per write. After its end, everything fits.

    `taken` is what the peer would have received, and `pushed` how much of it at the last push.
    `busy` is whether a `write` is in progress: the contract allows no other then.
    """

    def __init__(self, script: Iterable[Outcome] = ()) -> None:
        self._script = iter(script)
        self.taken = bytearray()
        self.pushed = 0
        self.busy = False
        self.direct = None

    def write_nowait(self, data: bytes) -> int:
        assert not self.busy, "two writers would mix their bytes"
        return self._step(data)

    def push(self) -> None:
        self.pushed = len(self.taken)

    async def write(self, data: bytes) -> None:
        assert not self.busy, "two writers would mix their bytes"
        self.busy = True
        try:
            rest = data
            while rest:
                await trio.lowlevel.checkpoint()
                rest = rest[self._step(rest) :]
        finally:
            self.busy = False

    def _step(self, data: bytes) -> int:
        outcome = next(self._script, len(data))
        if not isinstance(outcome, int):
            raise outcome()
        size = min(outcome, len(data))
        self.taken += data[:size]
        return size
