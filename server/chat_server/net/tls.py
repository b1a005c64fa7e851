"""TLS over a stream, with encryption as a function that never waits.

A broadcast must be sent without waking a task per member. `trio.SSLStream`
encrypts and sends in one step that may wait; here the two are apart, and the
caller decides when to try again.

OpenSSL never sees the socket: it reads from one memory buffer and writes to
another (`ssl.MemoryBIO`), and this module moves bytes between those and the
network. Otherwise a peer that sends nothing but requests for new keys would be
served by one call that never returns.
"""

import os
import ssl
from contextlib import suppress
from typing import Final

import trio

from chat_server.net.files import NO_FD

_READ: Final = 16 * 1024  # bytes: the longest TLS record

# Bytes that TLS itself may queue until we send something: hundreds of key
# updates, which only a peer after our memory requests.
_MAX_OUTGOING: Final = 16 * 1024


class TlsShare:
    """What all connections of a listener share: turns at handshakes, and buffers.

    The buffers MUST be empty whenever a task may wait. What OpenSSL has read of a record that is
    not whole is in its own memory by then. So a connection needs no buffers of its own, and a
    broadcast writes to the same one for each member, which the processor still has at hand.
    """

    def __init__(self) -> None:
        self.turns: Final = trio.Lock()
        self.incoming: Final = ssl.MemoryBIO()
        self.outgoing: Final = ssl.MemoryBIO()


class TlsStream(trio.abc.AsyncResource):
    """The server's side of an encrypted connection over `below`.

    The contract:

    * `do_handshake` MUST have returned before anything is sealed, sent or opened.
    * Sealed data MUST be sent in the order it was sealed: the peer counts records.
    * What `send` did not take MUST be the beginning of what it gets next: it is sealed already.
    """

    __slots__ = (
        "_control",
        "_early",
        "_fd",
        "_sealed",
        "_share",
        "_tls",
        "_unsent",
        "below",
        "ended",
    )

    def __init__(
        self, below: trio.abc.Stream, context: ssl.SSLContext, share: TlsShare | None = None
    ) -> None:
        self.below = below
        self._fd = below.socket.fileno() if isinstance(below, trio.SocketStream) else NO_FD
        self._share = share or TlsShare()
        self._tls = context.wrap_bio(self._share.incoming, self._share.outgoing, server_side=True)
        self._early = b""  # what came with the end of the handshake
        self._control = b""  # records of TLS itself, to be sent before anything else
        self._unsent = b""  # what the kernel did not take of a block that is sealed
        self._sealed = 0  # bytes of that block before
        self.ended = False  # whether all has been decrypted, and the end or an error comes next

    async def do_handshake(self) -> None:
        """Do the handshake. Raises BrokenResourceError, from OpenSSL's error if there is one."""
        is_done = False
        while not is_done:
            received = await self.below.receive_some(_READ)
            if not received:
                raise trio.BrokenResourceError
            try:
                # A signature takes as long as twenty posts. A thousand who return at once must
                # not keep the event loop from all others until the last has one.
                async with self._share.turns:
                    is_done = self._try_handshake(bytes(received))
            except ssl.SSLError as exc:
                await self.below.send_all(self._take_outgoing())  # the alert that tells why
                raise trio.BrokenResourceError from exc
            await self.below.send_all(self._take_outgoing())

    def seal(self, data: bytes) -> bytes:
        """Return `data` encrypted, preceded by any TLS records that are pending.

        Raises SSLError once the connection's TLS is broken.
        """
        try:
            self._tls.write(data)
            return self._take_outgoing()
        except BaseException:  # out of memory, say
            self._share.outgoing.read()  # must not reach another peer
            self._fd = NO_FD  # nor anything this one, which would miss a record before it
            raise

    def send(self, data: bytes) -> int:
        """Write `data` to the socket, sealed; return how much was taken, all or nothing.

        Raises OSError, as BlockingIOError if the socket has no room; SSLError as `seal`.
        """
        if not self._unsent:
            self._unsent, self._sealed = self.seal(data), len(data)
        written = os.write(self._fd, self._unsent)
        if written < len(self._unsent):
            self._unsent = self._unsent[written:]
            return 0
        self._unsent = b""
        return self._sealed

    def unseal(self, data: bytes | None) -> bytes | None:
        """Return what can be decrypted now that `data` has arrived: nothing at the end.

        None if that is less than a record. `data` is empty once the peer has closed the connection
        below. Raises BrokenResourceError: also if it did so without a close_notify, and was cut.
        """
        if len(self._control) > _MAX_OUTGOING:
            raise trio.BrokenResourceError
        self._share.incoming.write(self._early + (data or b""))
        self._early = b""
        opened: list[bytes] = []
        try:
            while part := self._tls.read(_READ):
                opened.append(part)
        except ssl.SSLWantReadError:
            if data != b"":
                return b"".join(opened) or None
            if not opened:
                raise trio.BrokenResourceError from None
        except ssl.SSLError as exc:
            if not opened:
                raise trio.BrokenResourceError from exc
        finally:
            self._empty_buffers()
        self.ended = True
        return b"".join(opened)

    async def aclose(self) -> None:
        """Close, sending close_notify if the socket has room for it at once."""
        with suppress(ssl.SSLError):  # the peer's close_notify is not awaited
            self._tls.unwrap()
        last = self._unsent + self._take_outgoing()
        # From here on its number may belong to another file, and a stream may be closed twice.
        fd, self._fd, self._unsent = self._fd, NO_FD, b""
        with suppress(OSError):
            os.write(fd, last)
        await self.below.aclose()

    def _try_handshake(self, received: bytes) -> bool:
        """Do what can be done now that `received` has arrived; return whether that was all.

        Raises SSLError.
        """
        self._share.incoming.write(received)
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        else:
            self._early = self._share.incoming.read()
            return True
        finally:
            self._empty_buffers()

    def _empty_buffers(self) -> None:
        self._share.incoming.read()  # after an error or the end, of no use
        if self._share.outgoing.pending:
            self._control += self._share.outgoing.read()

    def _take_outgoing(self) -> bytes:
        """Return what OpenSSL has written, after what has to be sent before it."""
        sealed = self._share.outgoing.read()
        if self._control:
            sealed, self._control = self._control + sealed, b""
        return sealed
