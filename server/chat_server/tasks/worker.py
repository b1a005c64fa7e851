"""A thread that calls functions, one after the other, for tasks of an event loop.

It does not know what they do. trio lends threads but keeps none for one purpose;
and a commit should wait for nothing but the disk and these few lines.
"""

import os
from collections import deque
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final, TypeVar

import trio
from outcome import Outcome, capture

from chat_server.ending import end_process
from chat_server.tasks.niceness import make_nicer

T = TypeVar("T")


class Worker:
    """One thread, from `start` to `stop`, for the event loop that it was made in.

    The order of everything stored depends on this contract:

    * Calls MUST be made one at a time, in the order of `call`, and the waiting tasks MUST
      go on in that order: what they do to memory follows what the calls did to the disk.
    * A waiting task MUST get the outcome, cancelled or not. Only with `abandon` may
      it be cancelled; its call is then not made, unless it has begun.
    * The thread MUST spend its time on calls alone, and the loop only what it takes
      to hand them over and to collect their outcomes.
    """

    def __init__(self, name: str) -> None:
        # Bounded by the number of tasks: each waits for one call at a time.
        self._calls: Final[SimpleQueue[_Call | None]] = SimpleQueue()
        # Those whose tasks wait, on the loop: the oldest first.
        self._waiting: Final[deque[_Call]] = deque()
        self._loop: Final = trio.lowlevel.current_trio_token()
        self._wakeup: Final = _Wakeup()
        # A daemon, in case the loop ends without `stop`: a database that is not closed
        # is intact all the same, and the process must be able to end.
        self._thread: Final = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread. Raises MemoryError."""
        try:
            self._thread.start()
        except RuntimeError:  # "can't start new thread", for lack of memory most likely
            self._wakeup.close()
            raise MemoryError("no memory for a thread") from None

    def stop(self) -> None:
        """Make no more calls. Blocks while one is running, so await the last one first."""
        self._calls.put(None)
        self._thread.join()
        self._wakeup.close()

    def leave(self) -> None:
        """As `stop`, where no call is running: the thread ends by itself, and nothing waits."""
        self._calls.put(None)
        self._wakeup.close()

    @property
    def backlog(self) -> int:
        """How many calls have been made whose outcome nobody has collected."""
        return len(self._waiting)

    async def call(self, fn: Callable[[], T], *, abandon: bool = False) -> T:
        """Call `fn` on the thread; return what it returns, or raise what it raises.

        Not cancellable, unless `abandon` is set.
        """
        call = _Call(fn)
        alone = not self._waiting
        self._waiting.append(call)
        if alone and not abandon:
            self._calls.put(call)
            await self._wakeup.wait()
        else:
            call.task = trio.lowlevel.current_task()
            self._calls.put(call)
            await self._wait_turn(call, abandon)
        self._remove(call)
        result: T = call.outcome.unwrap()
        return result

    async def _wait_turn(self, call: "_Call", abandon: bool) -> None:
        """Wait until `call` is done and no older call waits."""

        def abort(_: object) -> trio.lowlevel.Abort:
            if not abandon:
                return trio.lowlevel.Abort.FAILED
            call.abandoned = True
            self._remove(call)
            return trio.lowlevel.Abort.SUCCEEDED

        await trio.lowlevel.wait_task_rescheduled(abort)

    def _remove(self, call: "_Call") -> None:
        """On the loop: let the next task go on, if that was only waiting for `call`."""
        self._waiting.remove(call)  # almost always the first
        self._resume_oldest()

    def _resume_oldest(self) -> None:
        """On the loop: wake the task of the oldest call if it is done, once."""
        if self._waiting and (oldest := self._waiting[0]).done and oldest.task is not None:
            task, oldest.task = oldest.task, None
            trio.lowlevel.reschedule(task)

    def _finish(self, call: "_Call") -> None:
        call.done = True
        self._resume_oldest()

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
            self._loop.run_sync_soon(self._finish, call)


async def call_in_thread(name: str, fn: Callable[[], T]) -> T:
    """Call `fn` on a thread of its own, as `Worker.call`, after all else. Raises MemoryError.

    Not `trio.to_thread`: if that has no memory to hand over the outcome, its task waits
    forever, and nothing says so.
    """
    worker = Worker(name)
    worker.start()
    try:
        return await worker.call(partial(_call_nicely, fn))
    finally:
        worker.leave()


def _call_nicely(fn: Callable[[], T]) -> T:
    make_nicer()
    return fn()


class _Call:
    """A function, its outcome, and the task to wake; without a task, the `_Wakeup`."""

    __slots__ = ("abandoned", "done", "fn", "outcome", "task")

    def __init__(self, fn: Callable[[], Any]) -> None:
        self.fn = fn
        self.task: trio.lowlevel.Task | None = None
        self.abandoned = False
        self.done = False  # as the loop knows it
        self.outcome: Outcome[Any]


class _Wakeup:
    """Set on any thread; wakes one waiting task in the same turn of the loop.

    `run_sync_soon` takes one turn more, some 50 µs of the latency of a single
    message. But only a task that waits alone can wait here; others take the slower way.
    """

    def __init__(self) -> None:
        self._read_end, self._write_end = os.pipe()

    def set(self) -> None:
        os.write(self._write_end, b"!")

    async def wait(self) -> None:
        """Wait until it is set, cancelled or not."""
        with trio.CancelScope(shield=True):
            await trio.lowlevel.wait_readable(self._read_end)
        os.read(self._read_end, 1)

    def close(self) -> None:
        os.close(self._read_end)
        os.close(self._write_end)
