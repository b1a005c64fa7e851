"""A thread that calls functions, one after the other, for tasks of an event loop.

Knows nothing of what they do. trio has threads of its own to lend, but no one
thread to keep; and a commit waits for nothing but the disk and these few lines.
"""

import os
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final, TypeVar

import trio
from outcome import Outcome, capture

T = TypeVar("T")


class Worker:
    """One thread, from `start` to `stop`, in the event loop that it was made in.

    The contract, on which the order of all that is stored stands:

    * Calls MUST be made one at a time, in the order they were asked for.
    * Whoever waits MUST learn how it went, cancelled or not. Only who asks with
      `abandon` may leave; their call is not made then, unless it had begun.
    * Nothing but a call's own time MUST pass on the thread, and nothing but
      handing it over and taking its outcome on the loop.
    """

    def __init__(self, name: str) -> None:
        # The bound is that of the tasks: each waits for one call at a time.
        self._calls: Final[SimpleQueue[_Call | None]] = SimpleQueue()
        self._loop: Final = trio.lowlevel.current_trio_token()
        self._bell: Final = _Bell()
        # A daemon, for a loop that ends without saying so: a file that is not
        # closed is whole all the same, and a process that does not end is no use.
        self._thread: Final = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Make no more calls. Blocks while one is made, so await the last one before."""
        self._calls.put(None)
        self._thread.join()
        self._bell.close()

    async def call(self, fn: Callable[[], T], *, abandon: bool = False) -> T:
        """Return what `fn` returns, called on the thread, or raise what it raises.

        With `abandon` whoever waits can be cancelled.
        """
        call = _Call(fn)
        if abandon or self._bell.taken:
            call.task = trio.lowlevel.current_task()
            self._calls.put(call)
            outcome = await _wait_told(call, abandon)
        else:
            self._calls.put(call)
            await self._bell.wait()
            outcome = call.outcome
        result: T = outcome.unwrap()
        return result

    def _run(self) -> None:
        while (call := self._calls.get()) is not None:
            if not call.abandoned:
                call.outcome = capture(call.fn)
                try:
                    self._tell(call)
                except trio.RunFinishedError:
                    return  # nobody is left to be told

    def _tell(self, call: "_Call") -> None:
        if call.task is None:
            self._bell.ring()
        else:
            self._loop.run_sync_soon(_resume, call)


class _Call:
    """What is to be called and how that went, and whom to tell: without a task, by the bell."""

    __slots__ = ("abandoned", "fn", "outcome", "task")

    def __init__(self, fn: Callable[[], Any]) -> None:
        self.fn = fn
        self.task: trio.lowlevel.Task | None = None
        self.abandoned = False
        self.outcome: Outcome[Any]


class _Bell:
    """Rung on any thread and heard by one task, in the very turn of the loop that notices it.

    `run_sync_soon` takes a turn more, some 50 µs of a lone message's way. But a
    bell is heard by one at a time; whoever finds it taken goes the longer way.
    """

    def __init__(self) -> None:
        self._heard, self._rung = os.pipe()
        self.taken = False

    def ring(self) -> None:
        os.write(self._rung, b"!")

    async def wait(self) -> None:
        """Wait until it is rung, cancelled or not."""
        self.taken = True
        with trio.CancelScope(shield=True):
            await trio.lowlevel.wait_readable(self._heard)
        os.read(self._heard, 1)
        self.taken = False

    def close(self) -> None:
        os.close(self._heard)
        os.close(self._rung)


async def _wait_told(call: _Call, abandon: bool) -> Outcome[Any]:
    def abort(_: object) -> trio.lowlevel.Abort:
        call.abandoned = abandon
        return trio.lowlevel.Abort.SUCCEEDED if abandon else trio.lowlevel.Abort.FAILED

    await trio.lowlevel.wait_task_rescheduled(abort)
    return call.outcome


def _resume(call: _Call) -> None:
    """On the loop: let whoever waits go on, unless they have left meanwhile."""
    if call.task is not None and not call.abandoned:
        trio.lowlevel.reschedule(call.task)
