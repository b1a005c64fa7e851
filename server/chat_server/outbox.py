"""What one session is still to be sent, bounded, in order.

The contract, which every broadcast leans on:

* `put` and `hold` MUST NOT wait, and MUST NOT raise for anything the peer did:
  a peer that is gone or does not read loses its session, and nobody notices.
* Bytes MUST leave in the order they were put, whatever the kernel takes.
* A block MUST NOT be skipped: either all of it leaves, or the session ends.

While the backlog is empty a block is written at once. What does not fit opens
the backlog, a bounded memory channel, and starts its writer; until the writer
has emptied it, everything goes through it. So an idle session is one task.
"""

from collections.abc import Callable
from typing import Final

import trio

from chat_server.transport import Transport

# A member who is this far behind is cut off and comes back to catch up:
# blocks, so that bookkeeping is bounded, and bytes, so that memory is.
MAX_BLOCKS: Final = 1_024
MAX_BYTES: Final = 4 * 1024 * 1024

WRITE_DEADLINE: Final = 30.0  # seconds without room for one write: the line is dead

TOO_SLOW: Final = "too slow: come back and catch up"
LINE_LOST: Final = "the connection was lost"

# Bytes the writer joins into one write. A reader that takes less than this in
# WRITE_DEADLINE (2 kB/s) cannot follow a conversation.
_JOINED: Final = 64 * 1024


class Outbox:
    """Blocks on their way to one peer. `fail` is told, at most once, why there can be no more."""

    __slots__ = (
        "_backlog",
        "_drained",
        "_fail",
        "_held",
        "_nursery",
        "_transport",
        "_waiting",
        "closed",
    )

    def __init__(
        self, transport: Transport, nursery: trio.Nursery, fail: Callable[[str], None]
    ) -> None:
        self._transport = transport
        self._nursery = nursery
        self._fail = fail
        self._held: list[bytes] = []
        self._backlog: trio.MemorySendChannel[bytes] | None = None
        self._waiting = 0  # bytes in the backlog
        self._drained: trio.Event | None = None
        self.closed = False

    def put(self, block: bytes) -> None:
        """Send `block` now or as soon as there is room, behind all that was put before it."""
        if self.closed:
            return
        if self._held:
            block = b"".join([*self._held, block])
            self._held.clear()
        block = self._transport.seal(block)
        if self._backlog is not None:
            self._queue(self._backlog, block)
            return
        try:
            written = self._transport.write_nowait(block)
        except trio.BrokenResourceError:
            self._end(LINE_LOST)
            return
        if written < len(block):
            self._open_backlog(block[written:])

    def hold(self, block: bytes) -> None:
        """Send `block` together with what is put next; `flush` sends it alone."""
        if not self.closed:
            self._held.append(block)

    def flush(self) -> None:
        """Send what is held, if nothing that was put has taken it along."""
        if self._held:
            self.put(b"")

    def close(self) -> None:
        """Take nothing more. The stream may be closed after this, and not before."""
        self.closed = True

    async def wait_drained(self) -> None:
        """Wait until everything that was put has been given to the kernel, or cannot be."""
        if self._backlog is not None:
            if self._drained is None:
                self._drained = trio.Event()
            await self._drained.wait()

    def _queue(self, backlog: trio.MemorySendChannel[bytes], block: bytes) -> None:
        self._waiting += len(block)
        if self._waiting > MAX_BYTES:
            self._end(TOO_SLOW)
            return
        try:
            backlog.send_nowait(block)
        except trio.WouldBlock:
            self._end(TOO_SLOW)

    def _open_backlog(self, rest: bytes) -> None:
        self._backlog, backlog = trio.open_memory_channel[bytes](MAX_BLOCKS)
        self._queue(self._backlog, rest)
        self._nursery.start_soon(self._run_writer, backlog)

    async def _run_writer(self, backlog: trio.MemoryReceiveChannel[bytes]) -> None:
        """Empty the backlog, then be no more."""
        with backlog:
            try:
                while blocks := _take(backlog):
                    with trio.fail_after(WRITE_DEADLINE):
                        await self._transport.write(blocks)
                    self._waiting -= len(blocks)
            except trio.TooSlowError:
                self._end(TOO_SLOW)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                self._end(LINE_LOST)
            except trio.Cancelled:
                self.closed = True  # or what is put next would leave behind a hole
                raise
            finally:
                # No await since the backlog was seen empty: nothing slipped in.
                self._backlog = None
                self._waiting = 0
                if self._drained is not None:
                    self._drained.set()
                    self._drained = None

    def _end(self, reason: str) -> None:
        if not self.closed:
            self.closed = True
            self._fail(reason)


def _take(backlog: trio.MemoryReceiveChannel[bytes]) -> bytes:
    """Return what waits, joined up to about `_JOINED` bytes; nothing if nothing does."""
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
