"""Attempts of which the first that succeeds is enough, each begun before the last has failed."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")


async def first_of(
    attempts: Sequence[Callable[[], Coroutine[Any, Any, T]]],
    after: float,
    discard: Callable[[T], object],
    *,
    is_final: Callable[[BaseException], bool],
) -> T:
    """Return the result of the first attempt that succeeds, and cancel the others.

    An attempt begins as soon as another fails, and at the latest `after` seconds behind the one
    before it. `discard` gets each result that is not returned: it came too late, or the caller
    was cancelled. Raises an exception that `is_final` at once, and an ExceptionGroup in the order
    of the attempts when all have failed.
    """
    tasks: list[asyncio.Task[T]] = []
    winner: asyncio.Task[T] | None = None
    try:
        while winner is None:
            if len(tasks) < len(attempts):
                tasks.append(asyncio.create_task(attempts[len(tasks)]()))
            running = [task for task in tasks if not task.done()]
            if not running:
                raise ExceptionGroup("no attempt succeeded", [*map(_failure, tasks)])
            wait = after if len(tasks) < len(attempts) else None
            await asyncio.wait(running, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
            winner = _winner(tasks, is_final)
        return winner.result()
    finally:
        await _end(tasks, winner, discard)


def _winner(
    tasks: Sequence[asyncio.Task[T]], is_final: Callable[[BaseException], bool]
) -> asyncio.Task[T] | None:
    """Return the first that has succeeded. Raises an exception that is final."""
    for task in tasks:
        failure = task.exception() if task.done() else None
        if failure is not None and is_final(failure):
            raise failure
        if task.done() and failure is None:
            return task
    return None


def _failure(task: asyncio.Task[T]) -> Exception:
    failure = task.exception()
    assert isinstance(failure, Exception)
    return failure


async def _end(
    tasks: Sequence[asyncio.Task[T]],
    winner: asyncio.Task[T] | None,
    discard: Callable[[T], object],
) -> None:
    """Cancel all but the winner, and discard what they return all the same."""
    others = [task for task in tasks if task is not winner]
    for task in others:
        task.cancel()
        task.add_done_callback(partial(_discard_result, discard))
    try:
        await asyncio.gather(*others, return_exceptions=True)
    except asyncio.CancelledError:
        if winner is not None:
            discard(winner.result())
        raise


def _discard_result(discard: Callable[[T], object], task: asyncio.Task[T]) -> None:
    if not task.cancelled() and task.exception() is None:
        discard(task.result())
