"""Which entries of the rooms' moderation logs are written between their messages. Pure.

Of each room they are those from the first to the last written one. What is newer is news,
and what is older belongs to older messages.
"""

from collections.abc import Iterable, Sequence
from heapq import merge
from typing import TypeAlias

from chat_shared import messages as m
from chat_tui.model.room import Room

Item: TypeAlias = m.Line | m.AuditEntry


class AuditLines:
    """Remembers the first and the last written entry of each room."""

    def __init__(self) -> None:
        self._first: dict[str, int] = {}  # by room
        self._last: dict[str, int] = {}

    def forget(self, room: str) -> None:
        """Take nothing of `room` for written."""
        self._first.pop(room, None)
        self._last.pop(room, None)

    def newer(self, room: Room) -> list[m.AuditEntry]:
        """Return the known entries after the last written one, the oldest first."""
        return _known(room, after=self._last.get(room.name, 0))

    def older(self, room: Room, since: str) -> list[m.AuditEntry]:
        """Return the known entries before the first written one, but not from before `since`."""
        entries = _known(room, before=self._first.get(room.name, 0))
        return [entry for entry in entries if entry.at >= since]  # such times sort as text

    def wrote_newer(self, room: Room, items: Sequence[Item]) -> None:
        """Note that `items` were written; what is known and older is not news any more."""
        last = max(room.audit.entries, default=0)
        self._first.setdefault(room.name, min(_ids(items), default=last + 1))
        self._last[room.name] = max(last, self._last.get(room.name, 0))

    def wrote_older(self, room: str, items: Sequence[Item]) -> None:
        """Note that `items` were written as older ones."""
        self._first[room] = min(_ids(items), default=self._first.get(room, 0))


def in_order(lines: Iterable[m.Line], entries: Iterable[m.AuditEntry]) -> list[Item]:
    """Return messages and entries by time, and each kind in its own order."""
    both: tuple[Iterable[Item], ...] = (lines, entries)
    return list(merge(*both, key=_time))


def _known(room: Room, *, after: int = 0, before: int | None = None) -> list[m.AuditEntry]:
    ids = (id for id in sorted(room.audit.entries) if id > after)
    return [room.audit.entries[id] for id in ids if before is None or id < before]


def _time(item: Item) -> str:
    return item.at  # such times sort as text


def _ids(items: Iterable[Item]) -> list[int]:
    return [item.id for item in items if isinstance(item, m.AuditEntry)]
