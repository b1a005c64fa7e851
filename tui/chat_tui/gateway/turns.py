"""Who is drawn next, of the people whose clients share a process.

A message redraws the screens of everyone in its room at the same moment. Someone who is typing
then must not wait for all of them: their own screen comes first.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import Final

# Seconds that other screens wait for a key to be drawn; not every key draws something.
KEY_WITHIN: Final = 0.1


class Turns:
    """Lets one screen at a time be drawn, and what has arrived meanwhile be handled in between."""

    def __init__(self) -> None:
        self._pressed: dict[object, asyncio.TimerHandle] = {}  # by person
        self._drawn = asyncio.Event()  # all that was pressed
        self._drawn.set()
        self._others = asyncio.Lock()
        self._last_press = monotonic()

    @property
    def quiet_for(self) -> float:
        """Seconds since anyone pressed a key."""
        return monotonic() - self._last_press

    def press(self, person: object) -> None:
        """A key was pressed: until it is drawn, others wait."""
        loop = asyncio.get_running_loop()
        self._last_press = monotonic()
        if person not in self._pressed:
            self._pressed[person] = loop.call_later(KEY_WITHIN, self._end_press, person)
            self._drawn.clear()

    @asynccontextmanager
    async def turn(self, person: object) -> AsyncGenerator[None]:
        """Run the block when it is the turn of `person`: soon, whatever others press."""
        if person in self._pressed:
            yield
            self._end_press(person)
            return
        latest = asyncio.get_running_loop().time() + KEY_WITHIN
        async with self._others:
            await asyncio.sleep(0)  # a key that has arrived by now comes first
            with suppress(TimeoutError):
                async with asyncio.timeout_at(latest):
                    await self._drawn.wait()
            yield

    def _end_press(self, person: object) -> None:
        if (waiting := self._pressed.pop(person, None)) is not None:
            waiting.cancel()
        if not self._pressed:
            self._drawn.set()
