"""Counts how often another task gets the processor."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import trio


@asynccontextmanager
async def other_turns() -> AsyncGenerator[Callable[[], int]]:
    """Yield a function that returns how many turns another task has had."""
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            await trio.lowlevel.checkpoint()
            turns += 1

    async with trio.open_nursery() as nursery:
        nursery.start_soon(take_turns)
        yield lambda: turns
        nursery.cancel_scope.cancel()
