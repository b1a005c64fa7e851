"""The bytes still to be sent to one session: bounded, and in order.

The contract, which every broadcast relies on:

* `put` and `buffer` MUST NOT wait, and MUST NOT raise for anything the peer
  did: a peer that is gone, does not read or cannot be written to for lack of
  memory is disconnected, and no other session notices.
* Bytes MUST be sent in the order they were put, however little the kernel takes.
* A block MUST NOT be skipped: it is sent whole, or the session ends.
* `direct` MUST be None unless a block may be written with it at once. It is
  None while anything is buffered or queued, and once closed.

While the backlog is empty a block is written at once. What the kernel does not
take opens the backlog, a bounded memory channel, and starts its writer; until
the writer has emptied it, everything goes through it. So an idle session is
one task.
"""

from collections.abc import Callable, Iterable
from typing import Final

import structlog
import trio

from chat_server.net.backlogs import Backlogs
from chat_server.net.transport import Transport

log = structlog.get_logger()

# A client this far behind is disconnected, to reconnect and catch up. Blocks
# bound the bookkeeping, bytes bound the memory.
MAX_BLOCKS: Final = 1_024
MAX_BYTES: Final = 4 * 1024 * 1024

WRITE_DEADLINE: Final = 30.0  # seconds for one write: after that the connection is dead

TOO_SLOW: Final = "your connection is too slow"
CONNECTION_LOST: Final = "connection lost"

# Bytes that the writer joins into one write. A reader that takes less than this
# in WRITE_DEADLINE (2 kB/s) cannot follow a conversation.
_JOINED: Final = 64 * 1024


def deliver(block: bytes, outboxes: Iterable["Outbox"]) -> None:
    """Put `block` into each of `outboxes`. Never waits.

    It may leave together with the next ones, once earlier ones are acknowledged.

    This is where a server spends its time: once per message and member. So the
    usual case, an empty outbox, is inlined here; calling `put` would cost as
    much as the system call.
    """
    for outbox in outboxes:
        if (write := outbox.direct) is None:
            outbox.put(block)
            continue
        try:
            written = write(block)
        except (OSError, MemoryError):
            outbox.put(block)  # gets the same error, or that of a connection it has broken
        else:
            if written < len(block):
                outbox.put_rest(block[written:])


class Outbox:
    """The blocks queued for one peer. Calls `fail` with a reason, at most once, when it breaks."""

    __slots__ = (
        "_backlog",
        "_backlogs",
        "_buffered",
        "_drained",
        "_fail",
        "_nursery",
        "_queued",
        "_transport",
        "_unsent",
        "closed",
        "direct",
    )

    def __init__(
        self,
        transport: Transport,
        nursery: trio.Nursery,
        fail: Callable[[str], None],
        backlogs: Backlogs | None = None,  # of all peers; None for a peer alone
    ) -> None:
        self._transport = transport
        self._backlogs = backlogs or Backlogs(MAX_BYTES)
        self._nursery = nursery
        self._fail = fail
        self._buffered: list[bytes] = []
        self._backlog: trio.MemorySendChannel[bytes] | None = None
        self._unsent: trio.MemoryReceiveChannel[bytes] | None = None  # its other end
        self._queued = 0  # bytes in the backlog
        self._drained: trio.Event | None = None
        self.closed = False
        self.direct = transport.direct

    def put(self, block: bytes) -> None:
        """Send `block` now, or as soon as there is room, after everything put before it."""
        if self.closed:
            return
        if self._buffered:
            block = b"".join([*self._buffered, block])
            self._buffered.clear()
        try:
            written = self._transport.write_nowait(block) if self._backlog is None else 0
        except (trio.BrokenResourceError, MemoryError):
            self._fail_once(CONNECTION_LOST)
            return
        if self._backlog is not None:
            self._queue(self._backlog, block)
        elif written < len(block):
            self.put_rest(block[written:])
        else:
            self._update_direct()

    def put_rest(self, rest: bytes) -> None:
        """Queue `rest`, the unwritten part of a block, ahead of all later blocks."""
        self._backlog, self._unsent = trio.open_memory_channel[bytes](MAX_BLOCKS)
        self.direct = None
        self._nursery.start_soon(self._run_writer, self._unsent)
        self._queue(self._backlog, rest)

    def buffer(self, block: bytes) -> None:
        """Send `block` together with the next one that is put, or at `flush`."""
        if not self.closed:
            self._buffered.append(block)
            self.direct = None

    def flush(self) -> None:
        """Send what is still buffered, and what TCP holds back."""
        if self._buffered:
            self.put(b"")
        if not self.closed:
            self._transport.push()

    def close(self) -> None:
        """Ignore all further blocks. The stream may be closed after this, but not before."""
        self.closed = True
        self.direct = None
        self._fail = _ignore  # refers to the session, which refers to this

    async def wait_drained(self) -> None:
        """Wait until everything put has been handed to the kernel, or the outbox failed."""
        if self._backlog is not None:
            if self._drained is None:
                self._drained = trio.Event()
            await self._drained.wait()

    def _queue(self, backlog: trio.MemorySendChannel[bytes], block: bytes) -> None:
        if self._queued + len(block) > MAX_BYTES:
            self.discard()
            return
        try:
            backlog.send_nowait(block)
        except trio.WouldBlock:
            self.discard()
            return
        self._queued += len(block)
        self._backlogs.add(self, len(block))

    def discard(self) -> None:
        """Fail, and free the backlog at once: a reader who is too slow would keep it for long."""
        self._fail_once(TOO_SLOW)
        if self._unsent is not None:
            self._unsent.close()
            self._backlogs.close(self)

    async def _run_writer(self, backlog: trio.MemoryReceiveChannel[bytes]) -> None:
        """Empty the backlog, then end."""
        with backlog:
            try:
                while blocks := _take(backlog):
                    with trio.fail_after(WRITE_DEADLINE):
                        await self._transport.write(blocks)
                    self._queued -= len(blocks)
                    self._backlogs.remove(self, len(blocks))
                self._transport.push()
            except trio.TooSlowError:
                self._fail_once(TOO_SLOW)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                self._fail_once(CONNECTION_LOST)
            except Exception:  # out of memory, say: ends this session, and no other
                log.exception("outbox failed")
                self._fail_once(CONNECTION_LOST)
            except trio.Cancelled:
                self.close()  # the block in progress is lost: nothing may follow it
                raise
            finally:
                # No await since the backlog was seen empty: nothing was queued since.
                self._backlogs.close(self)
                self._backlog = self._unsent = None
                self._queued = 0
                self._update_direct()
                if self._drained is not None:
                    self._drained.set()
                    self._drained = None

    def _fail_once(self, reason: str) -> None:
        if not self.closed:
            fail = self._fail
            self.close()
            fail(reason)

    def _update_direct(self) -> None:
        free = not (self.closed or self._buffered or self._backlog)
        self.direct = self._transport.direct if free else None


def _ignore(_: str) -> None:
    """Tell nobody why an outbox broke that was closed."""


def _take(backlog: trio.MemoryReceiveChannel[bytes]) -> bytes:
    """Return queued blocks, joined up to about `_JOINED` bytes; empty if none are queued."""
    blocks: list[bytes] = []
    size = 0
    while size < _JOINED:
        try:
            block = backlog.receive_nowait()
        except (trio.WouldBlock, trio.EndOfChannel):
            break
        blocks.append(block)
        size += len(block)
    return b"".join(blocks)
