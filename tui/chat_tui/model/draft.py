"""The text in the composer, and whether it is a reply or an edit. Pure."""

from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

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

    def without_intent(self) -> "Draft":
        """Return the draft as a message of its own, behind the one that an edit interrupted."""
        texts = self.waiting.text if self.waiting else "", self.text
        return Draft("\n".join(text for text in texts if text))

    def without_quotes(self) -> "Draft":
        """Return the draft without the text of others: a reply has the number of its message."""
        waiting = self.waiting and self.waiting.without_quotes()
        intent = self.intent
        if isinstance(intent, Reply):
            intent = Reply(Quote(intent.to.seq))
        return replace(self, intent=intent, waiting=waiting)


class DraftStore(Protocol):
    """Where the drafts of an account are kept, one for each room."""

    def get(self, room: str) -> Draft: ...
    def put(self, room: str, draft: Draft) -> None:
        """Set the draft of `room` in memory; `keep` writes it."""

    def keep(self) -> None:
        """Write what has changed, unless it holds a password. Returns at once."""

    def close(self) -> None:
        """Keep nothing any more, once all that `keep` was called for is written."""
