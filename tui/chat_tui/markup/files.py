"""Files of messages as words: their names and sizes, safe to display. Pure."""

from collections.abc import Iterable
from typing import Final, Protocol

from chat_shared.messages import File
from chat_shared.sizes import shown_size as shown_size
from chat_shared.text import clean_line

SIGN: Final = "📄"  # in front of a file's name


class Named(Protocol):
    """A file of a message, or one on this computer, to send."""

    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int:
        """In bytes."""


def is_picture(file: File) -> bool:
    """Return whether a file is a picture, as the server found by its content."""
    return file.type.startswith("image/")


def described(file: Named) -> str:
    """Return the name of a file and its size."""
    return f"{clean_line(file.name)}, {shown_size(file.size)}"


def listed(files: Iterable[Named]) -> str:
    """Return files with their sizes, one after the other."""
    return "; ".join(described(file) for file in files)


def gist(text: str, files: Iterable[Named]) -> str:
    """Return the text of a message, or the names of its files if it has none."""
    return text or ", ".join(f"{SIGN} {clean_line(file.name)}" for file in files)
