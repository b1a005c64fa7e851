"""A thread that calls functions, one after the other, for tasks of an event loop.

Knows nothing of what they do. trio has threads of its own to lend, but no one
thread to keep; and a commit waits for nothing but the disk and these few lines.
"""

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
    * Whoever waits for one that is being made MUST wait for its end, unless
      they have asked with `abandon`: then they leave, and it goes on alone.
    * Nothing but a call's own time MUST pass on the thread, and nothing but
      handing it over and taking its outcome on the loop.
    """

    def __init__(self, name: str) -> None:
        # The bound is that of the tasks: each waits for one call at a time.
        self._calls: Final[SimpleQueue[_Call | None]] = SimpleQueue()
        self._loop: Final = trio.lowlevel.current_trio_token()
        # A daemon, for a loop that ends without saying so: a file that is not
        # closed is whole all the same, and a process that does not end is no use.
        self._thread: Final = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Make no more calls. Blocks while one is made, so await the last one before."""
        self._calls.put(None)
        self._thread.join()

    async def call(self, fn: Callable[[], T], *, abandon: bool = False) -> T:
        """Return what `fn` returns, called on the thread, or raise what it raises.

        With `abandon` whoever waits can be cancelled, and a call that is not yet
        being made then never is.
        """
        call = _Call(fn, trio.lowlevel.current_task())
        self._calls.put(call)

        def abort(_: object) -> trio.lowlevel.Abort:
            if not abandon:
                return trio.lowlevel.Abort.FAILED
            call.task = None
            return trio.lowlevel.Abort.SUCCEEDED

        result: T = await trio.lowlevel.wait_task_rescheduled(abort)
        return result

    def _run(self) -> None:
        while (call := self._calls.get()) is not None:
            if call.task is not None:
                outcome = capture(call.fn)
                try:
                    self._loop.run_sync_soon(_resume, call, outcome)
                except trio.RunFinishedError:
                    return  # nobody is left to be told


class _Call:
    """What is to be called, and who waits for it: nobody, once they have left."""

    __slots__ = ("fn", "task")

    def __init__(self, fn: Callable[[], Any], task: trio.lowlevel.Task) -> None:
        self.fn = fn
        self.task: trio.lowlevel.Task | None = task


def _resume(call: _Call, outcome: Outcome[Any]) -> None:
    """On the loop: give whoever waits what they wait for."""
    if call.task is not None:
        trio.lowlevel.reschedule(call.task, outcome)
