"""Reading pages: what was said in a room, and who is in it. A page always fits a frame."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec

from chat_server.clock import rfc3339
from chat_server.rooms import Room
from chat_server.store import MessageRecord
from chat_server.store.threads import Storage
from chat_shared.limits import MAX_PAGE, MAX_PAGE_BYTES, MAX_SEQ
from chat_shared.messages import History, Line, Member
from chat_shared.names import fold

T = TypeVar("T")

_measure: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Archive:
    """What can be looked up, and by whom it is asked for does not matter here."""

    storage: Storage
    online: Callable[[int], bool]  # whether an account has a device connected

    async def page(self, room: Room, request: History) -> tuple[list[Line], bool]:
        """Return messages, oldest first, and whether there are more in the direction asked for.

        `after` wins over `before`; with neither it is the newest page.
        """
        if request.after is not None:
            return await self._after(room, request.after, request.limit)
        before = request.before if request.before is not None else MAX_SEQ
        return await self._before(room, before, request.limit)

    async def members(self, room: Room, after: str) -> tuple[list[Member], bool]:
        """Return members by name, from behind `after` on, and whether there are more."""
        rows = await self.storage.read(
            lambda store: store.members(room.id, fold(after), MAX_PAGE + 1)
        )
        members = [Member(name, self.online(account)) for account, name in rows[:MAX_PAGE]]
        return members, len(rows) > MAX_PAGE

    async def _after(self, room: Room, after: int, limit: int) -> tuple[list[Line], bool]:
        records = await self.storage.read(
            lambda store: store.messages_after(room.id, after, limit + 1)
        )
        lines = fitting(map(_line, records[:limit]))
        return lines, len(lines) < len(records)

    async def _before(self, room: Room, before: int, limit: int) -> tuple[list[Line], bool]:
        records = await self.storage.read(
            lambda store: store.messages_before(room.id, before, limit + 1)
        )
        lines = fitting(map(_line, reversed(records[-limit:])))
        return lines[::-1], len(lines) < len(records)


def fitting(items: Iterable[T]) -> list[T]:
    """Return the first of `items` that fit into one frame together; one always does."""
    fit: list[T] = []
    size = 0
    for item in items:
        size += len(_measure(item)) + 1
        if size > MAX_PAGE_BYTES:
            break
        fit.append(item)
    return fit


def _line(record: MessageRecord) -> Line:
    return Line(record.seq, record.author, record.text, rfc3339(record.at))
