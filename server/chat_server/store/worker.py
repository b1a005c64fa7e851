"""A thread that calls functions, one after the other, for tasks of an event loop.

It does not know what they do. trio lends threads but keeps none for one purpose;
and a commit should wait for nothing but the disk and these few lines.
"""

import os
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final, TypeVar

import trio
from outcome import Outcome, capture

from chat_server.ending import end_process

T = TypeVar("T")


class Worker:
    """One thread, from `start` to `stop`, for the event loop that it was made in.

    The order of everything stored depends on this contract:

    * Calls MUST be made one at a time, in the order of `call`.
    * A waiting task MUST get the outcome, cancelled or not. Only with `abandon` may
      it be cancelled; its call is then not made, unless it has begun.
    * The thread MUST spend its time on calls alone, and the loop only what it takes
      to hand them over and to collect their outcomes.
    """

    def __init__(self, name: str) -> None:
        # Bounded by the number of tasks: each waits for one call at a time.
        self._calls: Final[SimpleQueue[_Call | None]] = SimpleQueue()
        self._loop: Final = trio.lowlevel.current_trio_token()
        self._wakeup: Final = _Wakeup()
        # A daemon, in case the loop ends without `stop`: a database that is not closed
        # is intact all the same, and the process must be able to end.
        self._thread: Final = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Make no more calls. Blocks while one is running, so await the last one first."""
        self._calls.put(None)
        self._thread.join()
        self._wakeup.close()

    async def call(self, fn: Callable[[], T], *, abandon: bool = False) -> T:
        """Call `fn` on the thread; return what it returns, or raise what it raises.

        Not cancellable, unless `abandon` is set.
        """
        call = _Call(fn)
        if abandon or self._wakeup.taken:
            call.task = trio.lowlevel.current_task()
            self._calls.put(call)
            outcome = await _wait_done(call, abandon)
        else:
            self._calls.put(call)
            await self._wakeup.wait()
            outcome = call.outcome
        result: T = outcome.unwrap()
        return result

    def _run(self) -> None:
        try:
            self._make_calls()
        except BaseException:  # out of memory, say
            # Tasks wait for this thread, cancelled or not, and would do so without end.
            end_process(f"The thread {self._thread.name!r} failed. Start the server again.")

    def _make_calls(self) -> None:
        while (call := self._calls.get()) is not None:
            if not call.abandoned:
                call.outcome = capture(call.fn)
                try:
                    self._wake(call)
                except trio.RunFinishedError:
                    return  # no task is left to wake

    def _wake(self, call: "_Call") -> None:
        if call.task is None:
            self._wakeup.set()
        else:
            self._loop.run_sync_soon(_resume, call)


class _Call:
    """A function, its outcome, and the task to wake; without a task, the `_Wakeup`."""

    __slots__ = ("abandoned", "fn", "outcome", "task")

    def __init__(self, fn: Callable[[], Any]) -> None:
        self.fn = fn
        self.task: trio.lowlevel.Task | None = None
        self.abandoned = False
        self.outcome: Outcome[Any]


class _Wakeup:
    """Set on any thread; wakes one waiting task in the same turn of the loop.

    `run_sync_soon` takes one turn more, some 50 µs of the latency of a single
    message. But only one task can wait here; others take the slower way.
    """

    def __init__(self) -> None:
        self._read_end, self._write_end = os.pipe()
        self.taken = False

    def set(self) -> None:
        os.write(self._write_end, b"!")

    async def wait(self) -> None:
        """Wait until it is set, cancelled or not."""
        self.taken = True
        with trio.CancelScope(shield=True):
            await trio.lowlevel.wait_readable(self._read_end)
        os.read(self._read_end, 1)
        self.taken = False

    def close(self) -> None:
        os.close(self._read_end)
        os.close(self._write_end)


async def _wait_done(call: _Call, abandon: bool) -> Outcome[Any]:
    def abort(_: object) -> trio.lowlevel.Abort:
        call.abandoned = abandon
        return trio.lowlevel.Abort.SUCCEEDED if abandon else trio.lowlevel.Abort.FAILED

    await trio.lowlevel.wait_task_rescheduled(abort)
    return call.outcome


def _resume(call: _Call) -> None:
    """On the loop: wake the waiting task, unless it has been cancelled meanwhile."""
    if call.task is not None and not call.abandoned:
        trio.lowlevel.reschedule(call.task)
