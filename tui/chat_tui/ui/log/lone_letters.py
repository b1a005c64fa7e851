"""Letters that do something only alone: with another one behind them, they begin a word.

At a selected message, "really?" would otherwise begin a reply with "eally?", and "during"
ask whether to delete it. The price is a moment's wait before such a letter acts.
Does not know what the letters do.
"""

from collections.abc import Callable
from typing import Final

from textual.timer import Timer

# Seconds without another letter: longer than from one letter to the next of a word, too
# short to be felt as a wait.
ALONE: Final = 0.3


class LoneLetters:
    """The letters typed just now, and what the last one does if it stays alone."""

    def __init__(self, set_timer: Callable[[float, Callable[[], object]], Timer]) -> None:
        self._set_timer = set_timer
        self._word = ""
        self._act: Callable[[], object] | None = None
        self._has_moved = False  # the last letter acted at once
        self._alone: Timer | None = None

    def move(self, letter: str, act: Callable[[], object]) -> bool:
        """Do `act` at once, as it does no harm if a word follows; return False within one."""
        if self._act is not None:
            return False
        self._word = "" if self._has_moved else letter  # no word begins with two of them
        self._has_moved = True
        act()
        self._wait()
        return True

    def hold(self, letter: str, act: Callable[[], object]) -> bool:
        """Do `act` soon, unless another letter comes first; return False within a word."""
        if self._act is not None:
            return False
        self._word += letter
        self._has_moved = False
        self._act = act
        self._wait()
        return True

    def release(self) -> bool:
        """Do now what the last letter does; return whether that was still to come."""
        act = self._act
        self.take()
        if act is not None:
            act()
        return act is not None

    def take(self) -> str:
        """Return the letters typed just now, which do nothing any more: they are text."""
        if self._alone is not None:
            self._alone.stop()
        word = self._word
        self._word, self._act, self._has_moved, self._alone = "", None, False, None
        return word

    def _wait(self) -> None:
        if self._alone is not None:
            self._alone.stop()
        self._alone = self._set_timer(ALONE, self.release)
