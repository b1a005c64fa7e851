"""The text in the composer, and whether it is a reply or an edit. Pure."""

from dataclasses import dataclass
from typing import TypeAlias

import msgspec


@dataclass(frozen=True, slots=True)
class Quote:
    """The message that a reply refers to, as far as it is known."""

    seq: int
    author: str = ""
    text: str = ""


class Reply(msgspec.Struct, frozen=True, tag=True):
    """The draft is a reply to this message."""

    to: Quote


class Edit(msgspec.Struct, frozen=True, tag=True):
    """The draft is the new text of our own message `seq`."""

    seq: int


Intent: TypeAlias = Reply | Edit


@dataclass(frozen=True, slots=True)
class Draft:
    """An unsent text in a room."""

    text: str = ""
    intent: Intent | None = None
    waiting: "Draft | None" = None
    """The draft that an edit interrupted; it returns after the edit."""

    def __bool__(self) -> bool:
        return bool(self.text or self.intent)
