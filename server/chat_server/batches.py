"""Work that gathers: done in rounds, at most one in so many seconds, and none while nobody asks."""

from collections.abc import Awaitable, Callable
from typing import Final

import trio


class Batches:
    """Does `work` once for all who ask within `pause` seconds. `run` is its only task."""

    def __init__(self, work: Callable[[], Awaitable[None]], pause: float) -> None:
        self._work = work
        self._pause: Final = pause  # seconds in which a round gathers
        self._wanted = trio.Event()
        self._closing = trio.Event()

    def request(self) -> None:
        """Ask for a round. Never waits."""
        self._wanted.set()

    def close(self) -> None:
        """Let `run` end, after a last round without a pause."""
        self._closing.set()
        self.request()

    async def run(self) -> None:
        """Do round after round until closed."""
        while not self._closing.is_set():
            await self._wanted.wait()
            with trio.move_on_after(self._pause):
                await self._closing.wait()
            self._wanted = trio.Event()  # whoever asks while the work is done wants another one
            await self._work()
