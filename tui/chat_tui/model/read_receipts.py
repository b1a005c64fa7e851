"""Reports to the server how far each room is read, at a limited rate.

Knows no network and no Textual: it is given functions to send and to schedule.
"""

import time
from collections.abc import Callable
from typing import Final

from chat_shared import messages as m
from chat_tui.model import read_state
from chat_tui.model.rate_limiter import RateLimiter
from chat_tui.model.room import Room

_EVERY: Final = 2.0  # seconds: other devices follow soon, and a busy room costs next to nothing


class ReadReceipts:
    """Reports at once, then waits before it reports the same room again."""

    def __init__(
        self,
        ask: Callable[[m.Read], object],
        later: Callable[[float, Callable[[], object]], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._later = later
        self._clock = clock
        self._limiter = RateLimiter(_EVERY)
        self._waiting: set[str] = set()

    def report(self, room: Room) -> None:
        """Report how far `room` is read, now or shortly, unless the server knows."""
        if not room.dirty or room.name in self._waiting:
            return
        if not self._limiter.may(room.name, self._clock()):
            self._waiting.add(room.name)
            wait = self._limiter.wait(room.name, self._clock())
            self._later(wait, lambda: self._report_later(room))
        elif (request := read_state.report(room)) is not None:
            self._ask(request)

    def _report_later(self, room: Room) -> None:
        self._waiting.discard(room.name)
        self.report(room)
