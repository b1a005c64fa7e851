"""A stream with a write that never waits beside the usual one, with TLS or without.

The kernel's buffer usually has room, and trying costs less than waking a task
that would try. Without a socket below (a stream in memory) `write_nowait` takes
nothing, and everything goes through `write`.
"""

import os
import ssl
from typing import Final

import trio

from chat_server.net.tls import TlsStream

NO_FD: Final = -1  # never a valid file descriptor


class NoHandshakeError(Exception):
    """The TLS handshake failed; the message says why."""


class Transport(trio.abc.AsyncResource):
    """A stream of bytes with a write that never waits.

    The contract, on which the order of delivered messages relies:

    * `open` MUST have returned before anything is sealed, written or read.
    * Data MUST be sealed before it is written, and written in the order it was sealed.
    * `write_nowait` MUST return how many bytes it took, from the front.
    * `write_nowait` MUST NOT be called during a `write`: two writers would mix
      their bytes.
    * Both MUST raise BrokenResourceError once the peer is gone.
    * The stream MUST be closed by `aclose` only: it forgets the descriptor,
      whose number may belong to another file by then.
    """

    __slots__ = ("_below", "_fd", "_stream", "_tls", "is_open", "socket")

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream
        self._tls = stream if isinstance(stream, TlsStream) else None
        self._below = self._tls.below if self._tls else stream
        below = self._below
        self.socket: Final = below.socket if isinstance(below, trio.SocketStream) else None
        self._fd = self.socket.fileno() if self.socket else NO_FD
        self.is_open = self._tls is None  # False until a TLS handshake is done

    async def open(self) -> None:
        """Do the handshake of an encrypted stream. Raises NoHandshakeError."""
        if self._tls is not None:
            try:
                await self._tls.do_handshake()
            except trio.BrokenResourceError as exc:
                raise NoHandshakeError(_reason(exc)) from None
            self.is_open = True

    @property
    def direct(self) -> int:
        """The descriptor to which unsealed blocks may be written, or NO_FD under TLS."""
        return self._fd if self._tls is None else NO_FD

    def seal(self, data: bytes) -> bytes:
        """Return `data` as it goes over the wire: encrypted under TLS, else unchanged."""
        return data if self._tls is None else self._tls.seal(data)

    def write_nowait(self, data: bytes) -> int:
        """Write as much of the sealed `data` as fits now; return the number of bytes written."""
        if self.socket is None:
            return 0
        try:
            return os.write(self._fd, data)
        except BlockingIOError:
            return 0
        except OSError as exc:
            raise trio.BrokenResourceError from exc

    async def write(self, data: bytes) -> None:
        """Write all of the sealed `data`, waiting for room as needed."""
        await self._below.send_all(data)

    async def read(self, limit: int) -> bytes:
        """Return at most `limit` bytes; empty at the end of the stream."""
        if self._stream is not self._below or self.socket is None:
            return bytes(await self._stream.receive_some(limit))
        while True:
            # Wait first: reading an idle socket only to get BlockingIOError would
            # cost a system call and an exception for every request.
            await trio.lowlevel.wait_readable(self.socket)
            try:
                return os.read(self._fd, limit)
            except BlockingIOError:
                continue
            except OSError as exc:
                raise trio.BrokenResourceError from exc

    def peer_host(self) -> str:
        """Return the peer's IP address; empty for a Unix socket, and if it is gone already."""
        if self.socket is None or self.socket.family == trio.socket.AF_UNIX:
            return ""
        try:
            return str(self.socket.getpeername()[0])
        except OSError:  # disconnected before it was accepted
            return ""

    async def read_raw(self, size: int) -> bytes:
        """Return exactly `size` bytes from below any TLS. Raises BrokenResourceError."""
        data = b""
        while len(data) < size:
            more = await self._below.receive_some(size - len(data))
            if not more:
                raise trio.BrokenResourceError
            data += more
        return data

    async def aclose(self) -> None:
        """Close the stream, with a TLS close_notify if there is room for it at once."""
        self._fd = NO_FD
        await (self._stream if self.is_open else self._below).aclose()


def _reason(exc: trio.BrokenResourceError) -> str:
    """Return why a handshake failed, in OpenSSL's words, without anything the peer sent."""
    cause = exc.__cause__
    if isinstance(cause, ssl.SSLError) and cause.reason:
        return cause.reason.replace("_", " ").lower()
    return "connection lost"
