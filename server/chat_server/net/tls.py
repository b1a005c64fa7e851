"""TLS over a socket, with encryption as a function that never waits.

A broadcast must be sent without waking a task per member. `trio.SSLStream`
encrypts and sends in one step that may wait; here `seal` only encrypts, and the
caller decides when to send.

OpenSSL never sees the socket: it reads from one memory buffer and writes to
another (`ssl.MemoryBIO`), and this module moves bytes between those and the
network.
"""

import os
import ssl
from contextlib import suppress
from typing import Final

import trio

_READ: Final = 16 * 1024  # bytes: the longest TLS record

# Bytes that TLS itself may queue until we send something: hundreds of key
# updates, which only a peer after our memory requests.
_MAX_OUTGOING: Final = 16 * 1024


class TlsStream(trio.abc.Stream):
    """The server's side of an encrypted connection over `below`.

    The contract, beyond that of any stream:

    * `do_handshake` MUST have returned before any other method is called.
    * Sealed data MUST be sent in the order it was sealed: the peer counts records.
    """

    def __init__(
        self, below: trio.abc.Stream, context: ssl.SSLContext, turns: trio.Lock | None = None
    ) -> None:
        """Take a turn of `turns`, which other streams share, for each step of the handshake."""
        self.below = below
        self._turns = turns or trio.Lock()
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self.ended = False  # whether all has been decrypted, and the end or an error comes next

    async def do_handshake(self) -> None:
        """Do the handshake. Raises BrokenResourceError, from OpenSSL's error if there is one."""
        while True:
            try:
                # A signature takes as long as twenty posts. A thousand who return at once must
                # not keep the event loop from all others until the last has one.
                async with self._turns:
                    self._tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._send_outgoing()
                if not await self._receive_incoming():
                    raise trio.BrokenResourceError from None
            except ssl.SSLError as exc:
                await self._send_outgoing()  # the alert that tells the peer why
                raise trio.BrokenResourceError from exc
            else:
                await self._send_outgoing()
                return

    def seal(self, data: bytes) -> bytes:
        """Return `data` encrypted, preceded by any TLS records that are pending.

        Raises BrokenResourceError once the connection or its TLS is broken.
        """
        try:
            self._tls.write(data)
        except ssl.SSLError as exc:
            raise trio.BrokenResourceError from exc
        return self._outgoing.read()

    def unseal(self, data: bytes | None) -> bytes | None:
        """Return what can be decrypted now that `data` has arrived: nothing at the end.

        None if that is less than a record. `data` is empty once the peer has closed the connection
        below. Raises BrokenResourceError: also if it did so without a close_notify, and was cut.
        """
        if self._outgoing.pending > _MAX_OUTGOING:
            raise trio.BrokenResourceError
        if data:
            self._incoming.write(data)
        elif data is not None:
            self._incoming.write_eof()
        opened: list[bytes] = []
        try:
            while part := self._tls.read(_READ):
                opened.append(part)
        except ssl.SSLWantReadError:
            return b"".join(opened) or None
        except ssl.SSLError as exc:
            if not opened:
                raise trio.BrokenResourceError from exc
        self.ended = True
        return b"".join(opened)

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Seal `data` and send all of it."""
        await self.below.send_all(self.seal(bytes(data)))

    async def wait_send_all_might_not_block(self) -> None:
        """Wait until the socket has room."""
        await self.below.wait_send_all_might_not_block()

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """Return decrypted bytes; empty once the peer has sent close_notify.

        Raises BrokenResourceError if the connection ends without it: it was cut.
        """
        while True:
            try:
                return self._tls.read(max_bytes or _READ)
            except ssl.SSLWantReadError:
                if not await self._receive_incoming():
                    self._incoming.write_eof()
            except ssl.SSLError as exc:
                raise trio.BrokenResourceError from exc

    async def aclose(self) -> None:
        """Close, sending close_notify if the socket has room for it at once."""
        with suppress(ssl.SSLError, OSError):  # the peer's close_notify is not awaited
            self._tls.unwrap()
        if isinstance(self.below, trio.SocketStream):
            with suppress(OSError):
                os.write(self.below.socket.fileno(), self._outgoing.read())
        await self.below.aclose()

    async def _send_outgoing(self) -> None:
        if self._outgoing.pending:
            await self.below.send_all(self._outgoing.read())

    async def _receive_incoming(self) -> bool:
        """Pass what the peer sent to OpenSSL; return False at the end of the stream."""
        if self._outgoing.pending > _MAX_OUTGOING:
            raise trio.BrokenResourceError
        data = await self.below.receive_some(_READ)
        self._incoming.write(data)
        return bool(data)
