"""Reading pages: what was said in a room, and who is in it. A page always fits a frame."""

from collections.abc import Callable
from dataclasses import dataclass

from chat_server.clock import rfc3339
from chat_server.pages import fitting
from chat_server.rooms import Room
from chat_server.session import Account
from chat_server.store import MessageRecord
from chat_server.store.attention import MemberRecord, MentionRecord
from chat_server.store.threads import Storage
from chat_shared.limits import MAX_PAGE, MAX_SEQ
from chat_shared.messages import History, Hit, Line, Member, Mentions
from chat_shared.names import fold


@dataclass(frozen=True, slots=True)
class Archive:
    """What can be looked up, and by whom it is asked for does not matter here."""

    storage: Storage
    describe: Callable[[MemberRecord], Member]  # as those see a member who ask

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
        members = fitting(self.describe(row) for row in rows[:MAX_PAGE])
        return members, len(members) < len(rows)

    async def mentions(self, account: Account, request: Mentions) -> tuple[list[Hit], bool]:
        """Return what calls `account`, newest first, and whether there is more."""
        before, limit = request.before or MAX_SEQ, request.limit
        records = await self.storage.read(
            lambda store: store.mentions(account.id, before, limit + 1)
        )
        hits = fitting(_hit(record) for record in records[:limit])
        return hits, len(hits) < len(records)

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


def _line(record: MessageRecord) -> Line:
    return Line(record.seq, record.author, record.text, rfc3339(record.at))


def _hit(record: MentionRecord) -> Hit:
    return Hit(record.id, record.room, record.seq, record.author, record.text, rfc3339(record.at))
