"""Coroutines in tests that are not async themselves."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` on an event loop of its own; return what it returns.

    Not `asyncio.run`: it forgets the loop that pytest-asyncio has left for later, and the next
    collection of garbage would fail some other test because that was never closed.
    """
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(work)
