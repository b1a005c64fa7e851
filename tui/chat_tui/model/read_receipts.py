"""Tells the server how far each room was read, and not more often than that is worth.

Knows no network and no Textual: it is told how to ask, and how to come back later.
"""

import time
from collections.abc import Callable
from typing import Final

from chat_shared import messages as m
from chat_tui.model import read_state
from chat_tui.model.rate_limiter import RateLimiter
from chat_tui.model.room import Room

_EVERY: Final = 2.0  # seconds: other devices are soon right, and a busy room costs next to nothing


class ReadReceipts:
    """Says what was read at once, then waits before it says more of the same room."""

    def __init__(
        self,
        ask: Callable[[m.Read], object],
        later: Callable[[float, Callable[[], object]], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._later = later
        self._clock = clock
        self._pace = RateLimiter(_EVERY)
        self._waiting: set[str] = set()

    def tell(self, room: Room) -> None:
        """Say how far `room` was read, now or in a moment, if the server does not know."""
        if not room.dirty or room.name in self._waiting:
            return
        if not self._pace.may(room.name, self._clock()):
            self._waiting.add(room.name)
            wait = self._pace.wait(room.name, self._clock())
            self._later(wait, lambda: self._tell_later(room))
        elif (request := read_state.to_tell(room)) is not None:
            self._ask(request)

    def _tell_later(self, room: Room) -> None:
        self._waiting.discard(room.name)
        self.tell(room)
