"""One thread calls, in order, and whoever waits learns how it went, or leaves."""

import threading
from collections.abc import AsyncGenerator, Callable

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from chat_server.store.worker import Worker


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


async def test_what_a_call_raises_is_raised_to_whoever_waits_and_the_next_is_made(
    worker: Worker,
) -> None:
    with pytest.raises(ZeroDivisionError):
        await worker.call(lambda: 1 // 0)

    assert await worker.call(lambda: "next") == "next"


async def test_calls_are_made_in_the_order_they_were_asked_for_however_they_are_waited_for(
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


async def test_whoever_waits_is_not_cancelled_while_it_may_still_happen(worker: Worker) -> None:
    go_on = threading.Event()
    learnt: list[bool] = []

    async def ask() -> None:
        learnt.append(await worker.call(go_on.wait))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(ask)
        await wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
        with trio.CancelScope(shield=True):
            await wait_all_tasks_blocked()
        assert learnt == []
        go_on.set()

    assert learnt == [True]


async def test_a_call_whose_asker_has_left_is_not_made_unless_it_had_begun(worker: Worker) -> None:
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


async def test_a_thread_that_has_worked_for_a_loop_that_is_gone_ends_too() -> None:
    go_on = threading.Event()
    threads: list[threading.Thread] = []

    async def leave_it_working() -> None:
        worker = Worker("worker of a loop that ends")
        worker.start()
        threads.append(await worker.call(threading.current_thread))
        begun = trio.Event()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_abandonable, worker, _held(begun, go_on, []))
            await begun.wait()
            nursery.cancel_scope.cancel()

    # A loop of its own, on a thread of its own: it is to end before the call does.
    await trio.to_thread.run_sync(trio.run, leave_it_working)
    go_on.set()
    threads[0].join(10)

    assert not threads[0].is_alive()


async def _abandonable(worker: Worker, fn: Callable[[], object]) -> None:
    await worker.call(fn, abandon=True)


def _held(begun: trio.Event, go_on: threading.Event, made: list[str]) -> Callable[[], None]:
    """Return a function that says when it has begun, and does not end before it may."""
    loop = trio.lowlevel.current_trio_token()

    def held() -> None:
        loop.run_sync_soon(begun.set)
        go_on.wait()
        made.append("begun")

    return held
