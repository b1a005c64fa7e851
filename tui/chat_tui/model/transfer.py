"""A file on its way: how far it is, how fast, and how much of it is asked for at once. Pure.

Likewise a room that is exported.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

# Chunks in flight. They are answered before a message that is sent behind them: that must not be
# felt. Eight of them fill a fast line already.
MAX_IN_FLIGHT: Final = 8
_ANSWERED_WITHIN: Final = 0.25  # seconds

_MEASURED_OVER: Final = 5.0  # seconds
_MEASURED_EVERY: Final = 0.25


@dataclass(frozen=True, slots=True)
class Cancelled:
    """What was on its way and is not any more."""

    uploads: tuple[str, ...] = ()  # names of files whose messages are not sent
    messages: int = 0  # that these were of
    downloads: int = 0
    exports: int = 0


class Window:
    """How many chunks may be asked for before the first is answered."""

    def __init__(self) -> None:
        self.size = 1

    def answered(self, seconds: float) -> None:
        """A chunk was answered after so long, with those that were in flight before it."""
        if seconds > _ANSWERED_WITHIN:
            self.size = max(1, self.size // 2)
        elif seconds < _ANSWERED_WITHIN / 2:
            self.size = min(MAX_IN_FLIGHT, self.size + 1)


@dataclass(slots=True)
class Transfer:
    """A file on its way; `is_waiting` for a connection, or because the server says so."""

    name: str
    size: int  # bytes
    is_upload: bool
    at: int = 0  # bytes that are there
    is_waiting: bool = True
    _measured: deque[tuple[float, int]] = field(default_factory=deque)  # when, and how far it was

    def wait(self) -> None:
        self.is_waiting = True
        self._measured.clear()

    def moved(self, at: int, now: float) -> None:
        """The bytes up to `at` are there."""
        self.at, self.is_waiting = at, False
        if not self._measured or now - self._measured[-1][0] >= _MEASURED_EVERY:
            self._measured.append((now, at))
        while now - self._measured[0][0] > _MEASURED_OVER:
            self._measured.popleft()

    @property
    def speed(self) -> float:
        """Bytes per second recently; 0 while that is not known."""
        if len(self._measured) < 2:
            return 0.0
        (since, start), (until, end) = self._measured[0], self._measured[-1]
        return (end - start) / (until - since)

    @property
    def seconds_left(self) -> float | None:
        return (self.size - self.at) / self.speed if self.speed else None


@dataclass(slots=True)
class RoomExport:
    """A room on its way to a folder; `is_waiting` as for a file."""

    room: str  # its title
    last: int  # number of its newest message
    at: int = 0  # messages up to this number are there
    is_waiting: bool = True
