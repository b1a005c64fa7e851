"""Short numbers by which a person names a message or a file that was written. Pure."""

from collections.abc import Hashable
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from chat_shared import messages as m

MOST: Final = 999  # then they begin again: short to hear and to type


class _InRoom(Protocol):
    @property
    def room(self) -> str: ...


T = TypeVar("T", bound=_InRoom)


class Numbered(NamedTuple):
    """A message, as it was when it was last written."""

    room: str
    line: m.Line


class NumberedFile(NamedTuple):
    """A file, and the room of its message."""

    room: str
    file: m.File


class Numbering(Generic[T]):
    """Each keeps its number while it is among the last `MOST` that were written."""

    def __init__(self) -> None:
        self._next = 1
        self._things: dict[int, T] = {}
        self._keys: dict[int, Hashable] = {}
        self._numbers: dict[Hashable, int] = {}

    def give(self, key: Hashable, thing: T) -> int:
        """Return the number of what `key` names, which gets one if it has none."""
        if key not in self._numbers:
            self._forget(self._next)
            self._numbers[key], self._keys[self._next] = self._next, key
            self._next = self._next % MOST + 1
        number = self._numbers[key]
        self._things[number] = thing
        return number

    def find(self, number: int) -> T | None:
        return self._things.get(number)

    def last(self, count: int) -> list[tuple[int, T]]:
        """Return the last ones that got a number, with it, the oldest first."""
        numbers = list(self._numbers.values())[-count:]
        return [(number, self._things[number]) for number in numbers]

    def forget(self, room: str) -> None:
        """Let no number mean anything of `room` any more."""
        for number, thing in list(self._things.items()):
            if thing.room == room:
                self._forget(number)

    def _forget(self, number: int) -> None:
        if self._things.pop(number, None) is not None:
            del self._numbers[self._keys.pop(number)]


class Numbers(Numbering[Numbered]):
    """The numbers of messages."""

    def number(self, room: str, line: m.Line) -> int:
        return self.give((room, line.seq), Numbered(room, line))


class FileNumbers(Numbering[NumberedFile]):
    """The numbers of files."""

    def number(self, room: str, file: m.File) -> int:
        return self.give(file.file, NumberedFile(room, file))
