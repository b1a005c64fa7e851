"""Files of messages as words: their names and sizes, safe to display. Pure."""

from collections.abc import Iterable
from typing import Final, Protocol

from chat_shared.text import clean_line

SIGN: Final = "📄"  # in front of a file's name

_STEP: Final = 1_000
_DIGITS: Final = 3  # of a step
_PRECISE: Final = 9.95  # below, a figure behind the point tells something
_UNITS: Final = ("kB", "MB", "GB", "TB", "PB")


class Named(Protocol):
    """A file of a message, or one on this computer, to send."""

    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int:
        """In bytes."""


def shown_size(size: int) -> str:
    """Return a number of bytes as people read it: 1 byte, 17 bytes, 340 kB, 1.2 MB."""
    if size < _STEP:
        return f"{size} byte{'' if size == 1 else 's'}"
    power = min((len(str(size)) - 1) // _DIGITS, len(_UNITS))
    value = size / _STEP**power
    digits = 1 if value < _PRECISE else 0
    return f"{value:,.{digits}f} {_UNITS[power - 1]}"


def described(file: Named) -> str:
    """Return the name of a file and its size."""
    return f"{clean_line(file.name)}, {shown_size(file.size)}"


def listed(files: Iterable[Named]) -> str:
    """Return files with their sizes, one after the other."""
    return "; ".join(described(file) for file in files)


def gist(text: str, files: Iterable[Named]) -> str:
    """Return the text of a message, or the names of its files if it has none."""
    return text or ", ".join(f"{SIGN} {clean_line(file.name)}" for file in files)
