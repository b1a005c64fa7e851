"""A stream that can be written to now (never waiting) or later, with TLS or without.

The kernel's buffer usually has room, and asking it costs less than waking a
task that would ask it. Where there is no socket below (a stream in memory),
"now" is never, and everything is written later.
"""

import os
import ssl
from ipaddress import IPv6Address, IPv6Network
from typing import Final

import trio

from chat_server.net.tls import TlsStream

# Bits of an IPv6 address that name a household; the other 64 it chooses itself.
_HOUSEHOLD: Final = 64


NOWHERE: Final = -1  # a descriptor that no file has


class NoHandshakeError(Exception):
    """The peer speaks no TLS, or none that we do; the message says what was wrong."""


class Transport(trio.abc.AsyncResource):
    """A stream of bytes with a way to write that never waits.

    The contract, on which the order of what members read stands:

    * `open` MUST have returned before anything is sealed, written or read.
    * What is written MUST have been sealed, and in the same order.
    * `write_nowait` MUST return how many bytes were taken, from the front.
    * `write_nowait` MUST NOT be called while a `write` is under way: two
      writers would mix their bytes.
    * Both MUST raise BrokenResourceError once the peer is gone.
    * The stream MUST be closed by `aclose` and by nothing else: it forgets the
      number of the descriptor, which may belong to somebody else by then.
    """

    __slots__ = ("_below", "_fd", "_socket", "_stream", "_tls", "is_open")

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream
        self._tls = stream if isinstance(stream, TlsStream) else None
        self._below = self._tls.below if self._tls else stream
        self._socket = self._below.socket if isinstance(self._below, trio.SocketStream) else None
        self._fd = self._socket.fileno() if self._socket else NOWHERE
        self.is_open = self._tls is None  # whether there is no handshake left to do

    async def open(self) -> None:
        """Shake hands, where the stream is to be encrypted. Raises NoHandshakeError."""
        if self._tls is not None:
            try:
                await self._tls.do_handshake()
            except trio.BrokenResourceError as exc:
                raise NoHandshakeError(_reason(exc)) from None
            self.is_open = True

    @property
    def direct(self) -> int:
        """The descriptor that blocks may be written to as they are, or NOWHERE."""
        return self._fd if self._tls is None else NOWHERE

    def seal(self, data: bytes) -> bytes:
        """Return `data` as it goes over the wire: encrypted, or as it is."""
        return data if self._tls is None else self._tls.seal(data)

    def write_nowait(self, data: bytes) -> int:
        """Write as much of the sealed `data` as fits now; return how many bytes that was."""
        if self._socket is None:
            return 0
        try:
            return os.write(self._fd, data)
        except BlockingIOError:
            return 0
        except OSError as exc:
            raise trio.BrokenResourceError from exc

    async def write(self, data: bytes) -> None:
        """Write all of the sealed `data`, waiting for room as often as it takes."""
        await self._below.send_all(data)

    async def read(self, limit: int) -> bytes:
        """Return some bytes, at most `limit`; none at the end of the stream."""
        if self._stream is not self._below or self._socket is None:
            return bytes(await self._stream.receive_some(limit))
        while True:
            # Waiting first: asking an idle socket for bytes only to hear that there
            # are none would cost a system call and an exception for every request.
            await trio.lowlevel.wait_readable(self._socket)
            try:
                return os.read(self._fd, limit)
            except BlockingIOError:
                continue
            except OSError as exc:
                raise trio.BrokenResourceError from exc

    def peer_address(self) -> str:
        """Return the address that the peer comes from; empty where it has none (a Unix socket)."""
        if self._socket is None or self._socket.family == trio.socket.AF_UNIX:
            return ""
        try:
            return origin_of(self._socket.getpeername()[0])
        except OSError:  # it was gone before it was let in
            return ""

    async def aclose(self) -> None:
        """Close the stream. Under TLS the peer is told, if there is room for that at once."""
        self._fd = NOWHERE
        await (self._stream if self.is_open else self._below).aclose()


def origin_of(host: str) -> str:
    """Return whom a connection from `host` counts for: one address, or all of a household."""
    if ":" not in host:
        return host
    address = IPv6Address(host)
    if address.ipv4_mapped is not None:  # at a socket that listens for both
        return str(address.ipv4_mapped)
    return host if address.is_loopback else str(IPv6Network((int(address), _HOUSEHOLD), False))


def _reason(exc: trio.BrokenResourceError) -> str:
    """Return what was wrong with a handshake, in OpenSSL's words; nothing that the peer sent."""
    cause = exc.__cause__
    if isinstance(cause, ssl.SSLError) and cause.reason:
        return cause.reason.replace("_", " ").lower()
    return "the connection was lost"
