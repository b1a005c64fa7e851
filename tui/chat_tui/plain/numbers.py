"""Short numbers by which a person names a message that was written. Pure."""

from typing import Final, NamedTuple

from chat_shared import messages as m

MOST: Final = 999  # then they begin again: short to hear and to type


class Numbered(NamedTuple):
    """A message, as it was when it was last written."""

    room: str
    line: m.Line


class Numbers:
    """A message keeps its number while it is among the last `MOST` that were written."""

    def __init__(self) -> None:
        self._next = 1
        self._messages: dict[int, Numbered] = {}
        self._numbers: dict[tuple[str, int], int] = {}

    def number(self, room: str, line: m.Line) -> int:
        """Return the number of a message, which gets one if it has none."""
        key = room, line.seq
        if key not in self._numbers:
            self._forget(self._next)
            self._numbers[key] = self._next
            self._next = self._next % MOST + 1
        number = self._numbers[key]
        self._messages[number] = Numbered(room, line)
        return number

    def find(self, number: int) -> Numbered | None:
        return self._messages.get(number)

    def forget(self, room: str) -> None:
        """Let no number mean a message of `room` any more."""
        for number, numbered in list(self._messages.items()):
            if numbered.room == room:
                self._forget(number)

    def _forget(self, number: int) -> None:
        if old := self._messages.pop(number, None):
            del self._numbers[old.room, old.line.seq]
