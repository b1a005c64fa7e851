"""Work done in batches: once per interval, and not at all while nobody requests it."""

from collections.abc import Awaitable, Callable
from typing import Final

import trio


class Batches:
    """Calls `work` once for all requests within `pause` seconds. `run` is its only task."""

    def __init__(self, work: Callable[[], Awaitable[None]], pause: float) -> None:
        self._work = work
        self._pause: Final = pause  # seconds in which a batch gathers
        self._requested = trio.Event()
        self._closing = trio.Event()

    def request(self) -> None:
        """Request a batch. Never waits."""
        self._requested.set()

    def close(self) -> None:
        """Make `run` end, after a last batch without a pause for what was requested until then."""
        self._closing.set()
        self.request()

    async def run(self) -> None:
        """Do batch after batch until closed."""
        # What is requested during the last work is not lost: it is done before the end.
        while self._requested.is_set() or not self._closing.is_set():
            await self._requested.wait()
            with trio.move_on_after(self._pause):
                await self._closing.wait()
            self._requested = trio.Event()  # a request during the work is for the next batch
            await self._work()
