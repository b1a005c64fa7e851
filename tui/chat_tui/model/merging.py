"""Merges the changes of everything that arrived at once, so that each is drawn once. Pure."""

from collections.abc import Iterable
from typing import Final

from chat_tui.model.changes import (
    Appended,
    Change,
    MembersChanged,
    NotificationDue,
    OutboxChanged,
    RoomsChanged,
    TransfersChanged,
    TypingChanged,
)

# They say what to draw again, as it is then.
_REDRAWN: Final = (RoomsChanged, MembersChanged, OutboxChanged, TypingChanged, TransfersChanged)


def merged(changes: Iterable[Change]) -> list[Change]:
    """Return `changes` without repetitions, and messages that follow each other as one change."""
    kept: list[Change] = []
    seen: set[Change] = set()
    ends: dict[str, int] = {}  # by room: where in `kept` its newest messages are, if they are last
    for change in changes:
        if isinstance(change, _REDRAWN):
            if change in seen:
                continue
            seen.add(change)
        elif isinstance(change, Appended):
            if (end := ends.setdefault(change.room, len(kept))) < len(kept):
                kept[end] = _joined(kept[end], change)
                continue
        elif not isinstance(change, NotificationDue):
            ends.pop(getattr(change, "room", ""), None)
        kept.append(change)
    return kept


def _joined(first: Change, second: Appended) -> Appended:
    lines = first.lines if isinstance(first, Appended) else ()
    return Appended(second.room, lines + second.lines)
