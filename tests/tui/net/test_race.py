"""The first of several attempts that succeeds; what becomes of the others."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from chat_tui.net.race import first_of

pytestmark = pytest.mark.asyncio

_LATER = 60.0  # seconds: no test waits for this
_SOON = 0.001


class Attempts:
    """Attempts that fail, succeed, or wait until they are told to."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.cancelled: list[str] = []
        self.discarded: list[str] = []
        self.go = asyncio.Event()
        self.waiting = asyncio.Event()

    async def succeed(self, name: str) -> str:
        self.begun.append(name)
        return name

    async def fail(self, name: str) -> str:
        self.begun.append(name)
        raise OSError(name)

    async def wait(self, name: str) -> str:
        self.begun.append(name)
        self.waiting.set()
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled.append(name)
            raise
        return name

    async def first_of(
        self, *attempts: Callable[[], Coroutine[Any, Any, str]], after: float = _LATER
    ) -> str:
        async with asyncio.timeout(5):
            return await first_of(
                attempts,
                after,
                self.discarded.append,
                is_final=lambda failure: not isinstance(failure, OSError),
            )


async def test_one_that_succeeds_at_once_is_the_only_one() -> None:
    all_ = Attempts()

    assert await all_.first_of(partial(all_.succeed, "a"), partial(all_.succeed, "b")) == "a"
    assert all_.begun == ["a"]


async def test_the_next_begins_when_one_fails_and_does_not_wait_longer() -> None:
    all_ = Attempts()

    won = await all_.first_of(*(partial(all_.fail, name) for name in "ab"), partial(all_.wait, "c"),
                              partial(all_.succeed, "d"), after=_SOON)  # fmt: skip

    assert won == "d"
    assert all_.begun == ["a", "b", "c", "d"]
    assert all_.cancelled == ["c"]


async def test_the_next_begins_when_one_does_not_answer_in_time() -> None:
    all_ = Attempts()

    won = await all_.first_of(partial(all_.wait, "a"), partial(all_.succeed, "b"), after=_SOON)

    assert won == "b"
    assert all_.cancelled == ["a"]


async def test_a_slow_one_may_still_be_the_first() -> None:
    all_ = Attempts()

    async def fail_and_let_the_other_go() -> str:
        all_.go.set()
        raise OSError("b")

    won = await all_.first_of(partial(all_.wait, "a"), fail_and_let_the_other_go, after=_SOON)

    assert won == "a"
    assert all_.cancelled == []


async def test_of_two_that_succeed_together_one_is_discarded() -> None:
    all_ = Attempts()

    async def succeed_with_the_other() -> str:
        all_.go.set()
        await asyncio.sleep(0)
        return "b"

    won = await all_.first_of(partial(all_.wait, "a"), succeed_with_the_other, after=_SOON)

    assert sorted([won, *all_.discarded]) == ["a", "b"]


async def test_when_all_fail_all_failures_are_told_in_order() -> None:
    all_ = Attempts()

    with pytest.raises(ExceptionGroup) as failed:
        await all_.first_of(partial(all_.fail, "a"), partial(all_.fail, "b"))

    assert [str(failure) for failure in failed.value.exceptions] == ["a", "b"]


async def test_a_final_failure_ends_all() -> None:
    all_ = Attempts()

    async def fail_otherwise() -> str:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await all_.first_of(partial(all_.wait, "a"), fail_otherwise, partial(all_.succeed, "c"),
                            after=_SOON)  # fmt: skip

    assert all_.begun == ["a"]
    assert all_.cancelled == ["a"]


async def test_who_is_cancelled_cancels_the_attempts() -> None:
    all_ = Attempts()
    task = asyncio.create_task(all_.first_of(partial(all_.wait, "a")))
    await all_.waiting.wait()

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert all_.cancelled == ["a"]


@pytest.mark.parametrize(("order", "after"), [("abcd", _LATER), ("dcba", 0.0)])
@pytest.mark.parametrize("turns", range(16))
async def test_whenever_it_is_cancelled_no_result_is_lost(
    turns: int, order: str, after: float
) -> None:
    all_ = Attempts()
    opened: list[str] = []

    async def open_soon(name: str, soon: int) -> str:
        for _ in range(soon):
            await asyncio.sleep(0)
        opened.append(name)
        return name

    async def open_although_cancelled(name: str) -> str:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(_LATER)
        return await open_soon(name, 2)

    attempts = {
        "a": partial(open_although_cancelled, "a"),
        "b": partial(all_.fail, "b"),
        "c": partial(open_soon, "c", 3),
        "d": partial(open_soon, "d", 3),
    }
    racing = all_.first_of(*(attempts[name] for name in order), after=after)
    task = asyncio.create_task(racing)
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    (won,) = await asyncio.gather(task, return_exceptions=True)

    kept = [won] if isinstance(won, str) else []
    assert sorted(all_.discarded + kept) == sorted(opened)
