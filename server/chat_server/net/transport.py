"""A stream that can be read and written without waiting, with TLS or without.

The kernel's buffer usually has room, and trying costs less than waking a task
that would try. Without a socket (a stream in memory) `write_nowait` takes
nothing, and everything goes through `write`.

TCP holds a small write back while an earlier one waits for its acknowledgement,
and sends both together (Nagle's algorithm, RFC 896). So in a busy room a member
costs the kernel one segment in a round trip, and not one for each batch. `push`
is for what somebody waits for.
"""

import os
import ssl
import sys
from collections.abc import Callable
from functools import partial
from typing import Final

import trio

from chat_server.net.files import NO_FD
from chat_server.net.tls import TlsStream

# Elsewhere the option that pushes affects later writes only.
_CAN_PUSH: Final = sys.platform == "linux"

# Bytes per read. Small, so that a client that floods leaves others a turn in between.
_READ: Final = 16 * 1024


class NoHandshakeError(Exception):
    """The TLS handshake failed; the message says why."""


class Transport(trio.abc.AsyncResource):
    """A stream of bytes that is read without waiting, and mostly written so.

    The contract, on which the order of delivered messages relies:

    * `open` MUST have returned before anything is written or read.
    * `read_nowait` MUST set `may_read` to False only where `became_readable` or
      `wait_readable` will tell of anything that it has not returned.
    * `write_nowait` MUST return how many bytes it took, from the front. What it did not take
      MUST be the beginning of what is written next.
    * `direct` does the same without a check, and raises OSError. It is None where `write_nowait`
      takes nothing: without a socket, before a handshake, and once closed.
    * `write_nowait` MUST NOT be called during a `write`: two writers would mix
      their bytes.
    * Both MUST raise BrokenResourceError once the peer is gone.
    * The stream MUST be closed by `aclose` only: it forgets the descriptor,
      whose number may belong to another file by then.
    """

    __slots__ = (
        "_below",
        "_holds_back",
        "_is_ending",
        "_received",
        "_stream",
        "_tls",
        "direct",
        "fd",
        "is_open",
        "may_read",
        "socket",
    )

    def __init__(self, stream: trio.abc.Stream | TlsStream) -> None:
        self._stream = stream
        self._tls = stream if isinstance(stream, TlsStream) else None
        self._below = stream.below if isinstance(stream, TlsStream) else stream
        below = self._below
        self.socket: Final = below.socket if isinstance(below, trio.SocketStream) else None
        self.fd = self.socket.fileno() if self.socket else NO_FD
        self._holds_back = _CAN_PUSH and self.socket is not None and _is_tcp(self.socket)
        if self._holds_back:
            self._set_no_delay(False)  # which trio has set
        self.is_open = self._tls is None  # False until a TLS handshake is done
        self.direct: Callable[[bytes], int] | None = None
        if self.is_open and self.socket is not None:
            self.direct = partial(os.write, self.fd)
        self.may_read = True  # whether `read_nowait` may return something
        self._is_ending = False  # whether the peer has closed its half
        self._received: bytes | None = None  # from a stream without a socket

    async def open(self) -> None:
        """Do the handshake of an encrypted stream. Raises NoHandshakeError."""
        if self._tls is not None:
            try:
                await self._tls.do_handshake()
            except trio.BrokenResourceError as exc:
                raise NoHandshakeError(_reason(exc)) from None
            self.is_open = True
            self.direct = self._tls.send if self.socket is not None else None

    def write_nowait(self, data: bytes) -> int:
        """Write as much of `data` as fits now; return the number of bytes written."""
        if self.direct is None:
            return 0
        try:
            return self.direct(data)
        except BlockingIOError:
            return 0
        except OSError as exc:
            raise trio.BrokenResourceError from exc

    def push(self) -> None:
        """Send now what TCP holds back of what was written."""
        if self._holds_back:
            self._set_no_delay(True)  # sends it
            self._set_no_delay(False)

    def _set_no_delay(self, value: bool) -> None:
        assert self.socket is not None
        self.socket.setsockopt(trio.socket.IPPROTO_TCP, trio.socket.TCP_NODELAY, value)

    async def write(self, data: bytes) -> None:
        """Write all of `data`, waiting for room as needed."""
        if self.socket is None:
            await self._below.send_all(data if self._tls is None else self._tls.seal(data))
            return
        await trio.lowlevel.checkpoint()
        while (written := self.write_nowait(data)) < len(data):
            data = data[written:]
            if self.direct is None:
                raise trio.ClosedResourceError
            await trio.lowlevel.wait_writable(self.fd)

    def became_readable(self, *, ending: bool) -> None:
        """Note that the socket can be read, and whether up to the end of what the peer sends."""
        self.may_read = True
        self._is_ending = self._is_ending or ending

    async def wait_readable(self) -> None:
        """Wait until `read_nowait` may return something. Raises BrokenResourceError."""
        if self.socket is None:
            self._received = bytes(await self._below.receive_some(_READ))
        else:
            await trio.lowlevel.wait_readable(self.socket)
        self.may_read = True

    def read_nowait(self) -> bytes | None:
        """Return up to 16 kB that have arrived; nothing at the end of the stream.

        None if nothing has arrived. Raises BrokenResourceError.
        """
        data = self._read_below()
        if self._tls is None:
            return data
        opened = self._tls.unseal(data)
        self.may_read = self.may_read or self._tls.ended
        return opened

    def _read_below(self) -> bytes | None:
        data = self._received
        if self.socket is None:
            self._received = None
        else:
            try:
                data = os.read(self.fd, _READ)
            except BlockingIOError:
                data = None
            except OSError as exc:
                raise trio.BrokenResourceError from exc
        # All was read if less came than was asked for, but perhaps not the end.
        self.may_read = data is not None and (len(data) == _READ or self._is_ending)
        return data

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
        self.fd, self.direct = NO_FD, None
        await self._stream.aclose()


def _is_tcp(socket: trio.socket.SocketType) -> bool:
    return socket.family in (trio.socket.AF_INET, trio.socket.AF_INET6)


def _reason(exc: trio.BrokenResourceError) -> str:
    """Return why a handshake failed, in OpenSSL's words, without anything the peer sent."""
    cause = exc.__cause__
    if isinstance(cause, ssl.SSLError) and cause.reason:
        return cause.reason.replace("_", " ").lower()
    return "connection lost"
