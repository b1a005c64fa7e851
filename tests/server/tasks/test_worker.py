"""Calls run on one thread, in order; their tasks get the outcome or are cancelled."""

import sys
import threading
from collections.abc import AsyncGenerator, Callable
from functools import partial
from typing import Final

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from chat_server.tasks.worker import Worker


@pytest.fixture
async def worker() -> AsyncGenerator[Worker]:
    worker = Worker("worker of a test")
    worker.start()
    yield worker
    worker.stop()


async def test_every_call_is_made_on_the_one_thread(worker: Worker) -> None:
    threads = {await worker.call(threading.current_thread) for _ in range(3)}

    assert len(threads) == 1
    assert threading.current_thread() not in threads


async def test_what_a_call_raises_is_raised_to_its_task_and_the_next_call_is_made(
    worker: Worker,
) -> None:
    with pytest.raises(ZeroDivisionError):
        await worker.call(lambda: 1 // 0)

    assert await worker.call(lambda: "next") == "next"


async def test_calls_are_made_in_order_cancellable_or_not(
    worker: Worker,
) -> None:
    go_on = threading.Event()
    made: list[int] = []

    async def ask(number: int) -> None:
        await worker.call(lambda: made.append(number), abandon=bool(number % 2))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(worker.call, go_on.wait)
        for number in range(10):
            await wait_all_tasks_blocked()
            nursery.start_soon(ask, number)
        await wait_all_tasks_blocked()
        assert made == []
        go_on.set()

    assert made == list(range(10))


async def test_tasks_go_on_in_the_order_in_which_their_calls_were_made(worker: Worker) -> None:
    made: list[tuple[int, int]] = []
    resumed: list[tuple[int, int]] = []

    async def ask(task: int) -> None:
        for number in range(200):
            await worker.call(partial(made.append, (task, number)))
            resumed.append((task, number))

    async with trio.open_nursery() as nursery:
        for task in range(4):
            nursery.start_soon(ask, task)

    assert resumed == made


async def test_a_call_given_up_keeps_no_later_one_waiting(worker: Worker) -> None:
    begun, go_on = trio.Event(), threading.Event()
    async with trio.open_nursery() as nursery:
        with trio.CancelScope() as scope:
            nursery.start_soon(worker.call, _held(begun, go_on, []))
            await begun.wait()
            nursery.start_soon(worker.call, lambda: None)
            scope.deadline = trio.current_time()
            await _abandonable(worker, lambda: None)
        assert scope.cancelled_caught
        nursery.start_soon(worker.call, lambda: None)
        go_on.set()

    assert await worker.call(lambda: "next") == "next"


async def test_a_waiting_task_is_not_cancelled_while_its_call_may_be_made(worker: Worker) -> None:
    go_on = threading.Event()
    results: list[bool] = []

    async def ask() -> None:
        results.append(await worker.call(go_on.wait))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(ask)
        await wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
        with trio.CancelScope(shield=True):
            await wait_all_tasks_blocked()
        assert results == []
        go_on.set()

    assert results == [True]


async def test_an_abandoned_call_is_not_made_unless_it_has_begun(worker: Worker) -> None:
    begun, go_on = trio.Event(), threading.Event()
    made: list[str] = []

    async with trio.open_nursery() as nursery:
        nursery.start_soon(_abandonable, worker, _held(begun, go_on, made))
        await begun.wait()
        nursery.start_soon(_abandonable, worker, lambda: made.append("never"))
        await wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    go_on.set()

    assert await worker.call(lambda: list(made)) == ["begun"]


async def test_the_thread_ends_when_its_loop_has_ended() -> None:
    go_on = threading.Event()
    threads: list[threading.Thread] = []

    async def leave_it_busy() -> None:
        worker = Worker("worker of a loop that ends")
        worker.start()
        threads.append(await worker.call(threading.current_thread))
        begun = trio.Event()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_abandonable, worker, _held(begun, go_on, []))
            await begun.wait()
            nursery.cancel_scope.cancel()

    # Its own loop on its own thread: it ends before the call does.
    await trio.to_thread.run_sync(trio.run, leave_it_busy)
    go_on.set()
    threads[0].join(10)

    assert not threads[0].is_alive()


async def _abandonable(worker: Worker, fn: Callable[[], object]) -> None:
    await worker.call(fn, abandon=True)


def _held(begun: trio.Event, go_on: threading.Event, made: list[str]) -> Callable[[], None]:
    """Return a function that sets `begun` and blocks until `go_on`."""
    loop = trio.lowlevel.current_trio_token()

    def held() -> None:
        loop.run_sync_soon(begun.set)
        go_on.wait()
        made.append("begun")

    return held


_BROKEN_THREAD: Final = """
import trio
from chat_server.tasks.worker import Worker

async def wait_for_a_thread_that_fails():
    worker = Worker("worker of a test")
    worker._wake = lambda call: [][1]
    worker.start()
    await worker.call(print)

trio.run(wait_for_a_thread_that_fails)
"""


async def test_a_thread_that_fails_ends_the_process_since_tasks_would_wait_forever() -> None:
    with trio.fail_after(30):
        done = await trio.run_process(
            [sys.executable, "-c", _BROKEN_THREAD], capture_stderr=True, check=False
        )

    assert done.returncode == 4
    assert b"The thread 'worker of a test' failed. Start the server again.\n" in done.stderr
