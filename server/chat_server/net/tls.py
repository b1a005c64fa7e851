"""TLS over a socket, in which encrypting is a function and not a wait.

A broadcast must leave without waking a task for each member. `trio.SSLStream`
encrypts and sends in one step that may wait; here `seal` only encrypts, and
whoever sends the result decides when.

OpenSSL never sees the socket: it reads from one buffer in memory and writes
into another (`ssl.MemoryBIO`), and this module carries bytes between those and
the network.
"""

import os
import ssl
from contextlib import suppress
from typing import Final

import trio

_READ: Final = 16 * 1024  # bytes: one longest TLS record

# Bytes that TLS may have to say itself before we say something and take it along:
# hundreds of key updates, which only a peer that wants our memory asks for.
_MOST_OUTGOING: Final = 16 * 1024


class TlsStream(trio.abc.Stream):
    """The server's side of an encrypted connection over `below`.

    The contract, beside that of any stream:

    * `do_handshake` MUST have returned before anything else is asked for.
    * What is sealed first MUST be sent first: the peer counts records.
    """

    def __init__(self, below: trio.abc.Stream, context: ssl.SSLContext) -> None:
        self.below = below
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    async def do_handshake(self) -> None:
        """Shake hands. Raises BrokenResourceError, caused by OpenSSL's error if there was one."""
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._send_outgoing()
                if not await self._receive_incoming():
                    raise trio.BrokenResourceError from None
            except ssl.SSLError as exc:
                await self._send_outgoing()  # the alert that says what was wrong
                raise trio.BrokenResourceError from exc
            else:
                await self._send_outgoing()
                return

    def seal(self, data: bytes) -> bytes:
        """Return `data` as it goes over the wire, behind whatever TLS has to say itself.

        Raises BrokenResourceError once the peer has cut the line or broken TLS.
        """
        try:
            self._tls.write(data)
        except ssl.SSLError as exc:
            raise trio.BrokenResourceError from exc
        return self._outgoing.read()

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Seal `data` and send all of it."""
        await self.below.send_all(self.seal(bytes(data)))

    async def wait_send_all_might_not_block(self) -> None:
        """Wait until the socket has room."""
        await self.below.wait_send_all_might_not_block()

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """Return what was said; nothing once the peer has said goodbye in TLS.

        Raises BrokenResourceError where the line ends without that: it was cut.
        """
        while True:
            try:
                return self._tls.read(max_bytes or _READ)
            except ssl.SSLWantReadError:
                if not await self._receive_incoming():
                    self._incoming.write_eof()
            except ssl.SSLZeroReturnError:
                await trio.lowlevel.checkpoint()
                return b""
            except ssl.SSLError as exc:
                raise trio.BrokenResourceError from exc

    async def aclose(self) -> None:
        """Close, saying goodbye in TLS where the socket has room for that at once."""
        with suppress(ssl.SSLError, OSError):  # the peer's own goodbye is not waited for
            self._tls.unwrap()
        if isinstance(self.below, trio.SocketStream):
            with suppress(OSError):
                os.write(self.below.socket.fileno(), self._outgoing.read())
        await self.below.aclose()

    async def _send_outgoing(self) -> None:
        if self._outgoing.pending:
            await self.below.send_all(self._outgoing.read())

    async def _receive_incoming(self) -> bool:
        """Give OpenSSL what the peer has sent; say whether there was anything."""
        if self._outgoing.pending > _MOST_OUTGOING:
            raise trio.BrokenResourceError
        data = await self.below.receive_some(_READ)
        self._incoming.write(data)
        return bool(data)
