"""Says that we are muted in the open room, and until when; and notices when that ends."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from chat_tui.commands.membership_text import muted
from chat_tui.model.muting import is_muted, seconds_left
from chat_tui.model.room import Room

# Seconds: this computer may sleep meanwhile, or its clock be set.
_LOOK_AGAIN: Final = 60.0


class MuteWatch:
    """Follows one room at a time."""

    def __init__(
        self, later: Callable[[float, Callable[[], None]], object], look: Callable[[], object]
    ) -> None:
        """`later` calls a function after seconds; `look` must call `update` then."""
        self.sentence = ""  # that we are muted; empty if we are not
        self._later = later
        self._look = look
        self._is_waiting = False
        self._room = ""

    def update(self, room: Room) -> bool:
        """Follow `room`, which is open now; return whether a mute has just ended in it."""
        was_muted = self._room == room.name and bool(self.sentence)
        now = datetime.now(UTC)
        self._room = room.name
        self.sentence = muted(room.title, room.muted_until, now) if is_muted(room, now) else ""
        self._wait(seconds_left(room, now))
        return was_muted and not self.sentence

    def _wait(self, seconds: float | None) -> None:
        if seconds is not None and not self._is_waiting:
            self._is_waiting = True
            self._later(min(seconds, _LOOK_AGAIN), self._wake)

    def _wake(self) -> None:
        self._is_waiting = False
        self._look()
