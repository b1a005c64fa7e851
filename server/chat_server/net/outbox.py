"""What one session is still to be sent, bounded, in order.

The contract, which every broadcast leans on:

* `put` and `hold` MUST NOT wait, and MUST NOT raise for anything the peer did:
  a peer that is gone or does not read loses its session, and nobody notices.
* Bytes MUST leave in the order they were put, whatever the kernel takes.
* A block MUST NOT be skipped: either all of it leaves, or the session ends.
* `direct` MUST be NOWHERE unless a block may be written there at once: while
  anything is held or waits, after the end, and where blocks are sealed first.

While the backlog is empty a block is written at once. What does not fit opens
the backlog, a bounded memory channel, and starts its writer; until the writer
has emptied it, everything goes through it. So an idle session is one task.
"""

import os
from collections.abc import Callable, Iterable
from typing import Final

import trio

from chat_server.net.transport import NOWHERE, Transport

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


def deliver(block: bytes, outboxes: Iterable["Outbox"]) -> None:
    """Put `block` into each of `outboxes`. Never waits.

    This is where a server spends its time: once per message and member. So the
    usual case, an outbox with nothing in it, is written out here; calling `put`
    for it would cost as much as the system call does.
    """
    for outbox in outboxes:
        if outbox.direct == NOWHERE:
            outbox.put(block)
            continue
        try:
            written = os.write(outbox.direct, block)
        except OSError:
            outbox.put(block)  # it meets the same and knows what to do
        else:
            if written < len(block):
                outbox.put_rest(block[written:])


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
        "direct",
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
        self.direct = transport.direct

    def put(self, block: bytes) -> None:
        """Send `block` now or as soon as there is room, behind all that was put before it."""
        if self.closed:
            return
        if self._held:
            block = b"".join([*self._held, block])
            self._held.clear()
            self._look_up_direct()
        try:
            block = self._transport.seal(block)
            written = self._transport.write_nowait(block) if self._backlog is None else 0
        except trio.BrokenResourceError:
            self._end(LINE_LOST)
            return
        if self._backlog is not None:
            self._queue(self._backlog, block)
        elif written < len(block):
            self.put_rest(block[written:])

    def put_rest(self, rest: bytes) -> None:
        """Send `rest` as soon as there is room, and all that is put from now on behind it."""
        self._backlog, backlog = trio.open_memory_channel[bytes](MAX_BLOCKS)
        self.direct = NOWHERE
        self._queue(self._backlog, rest)
        self._nursery.start_soon(self._run_writer, backlog)

    def hold(self, block: bytes) -> None:
        """Send `block` together with what is put next; `flush` sends it alone."""
        if not self.closed:
            self._held.append(block)
            self.direct = NOWHERE

    def flush(self) -> None:
        """Send what is held, if nothing that was put has taken it along."""
        if self._held:
            self.put(b"")

    def close(self) -> None:
        """Take nothing more. The stream may be closed after this, and not before."""
        self.closed = True
        self.direct = NOWHERE

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
                self.close()  # or what is put next would leave behind a hole
                raise
            finally:
                # No await since the backlog was seen empty: nothing slipped in.
                self._backlog = None
                self._waiting = 0
                self._look_up_direct()
                if self._drained is not None:
                    self._drained.set()
                    self._drained = None

    def _end(self, reason: str) -> None:
        if not self.closed:
            self.close()
            self._fail(reason)

    def _look_up_direct(self) -> None:
        free = not (self.closed or self._held or self._backlog)
        self.direct = self._transport.direct if free else NOWHERE


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
