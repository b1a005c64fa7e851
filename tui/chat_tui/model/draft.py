"""What is being written, and what it is meant as where it is not simply said. Pure."""

from dataclasses import dataclass
from typing import TypeAlias

import msgspec


@dataclass(frozen=True, slots=True)
class Quote:
    """The message that a reply answers, as far as it is known by now."""

    seq: int
    author: str = ""
    text: str = ""


class Reply(msgspec.Struct, frozen=True, tag=True):
    """An answer to this message."""

    to: Quote


class Edit(msgspec.Struct, frozen=True, tag=True):
    """The new text of one's own message `seq`."""

    seq: int


Intent: TypeAlias = Reply | Edit


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What is being written in a room."""

    text: str = ""
    intent: Intent | None = None
    waiting: "Unfinished | None" = None
    """What was being written before an edit began, and is there again after it."""

    def __bool__(self) -> bool:
        return bool(self.text or self.intent)
