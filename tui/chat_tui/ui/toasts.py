"""Sentences that appear in a corner of the screen for a while: only so many at a time.

A server, or people on it, can cause them faster than anyone can read, and each is work to draw.
"""

import time
from typing import Final

from textual.app import App
from textual.notifications import SeverityLevel

MAX_TOASTS: Final = 5  # at a time: they fill a small terminal
_MORE: Final = "There are more notifications than fit. Those in between are not shown."


class Places:
    """The places of toasts, the last of which says that others are missing."""

    def __init__(self) -> None:
        self._ends: list[float] = []

    def take(self, now: float, lasts: float) -> int:
        """Take a place for some seconds; return how many are left, -1 if none was free."""
        self._ends = [end for end in self._ends if end > now]
        left = MAX_TOASTS - len(self._ends)
        if left >= 0:
            self._ends.append(now + lasts)
        return left


class Toasts(App[None]):
    """An app that shows at most `MAX_TOASTS` notifications, and says so if there are more."""

    def __init__(self) -> None:
        super().__init__()
        self._places = Places()

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        lasts = timeout or self.NOTIFICATION_TIMEOUT
        left = self._places.take(time.monotonic(), lasts)
        if left < 0:
            return
        if not left:
            message, title, severity = _MORE, "", "warning"
        super().notify(message, title=title, severity=severity, timeout=lasts, markup=markup)
