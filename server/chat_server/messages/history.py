"""Pages of messages, members and mentions. A page always fits a frame."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from chat_server.clock import rfc3339
from chat_server.messages.events import as_sent, line_of
from chat_server.pages import fit_page
from chat_server.rooms.room import Room
from chat_server.sessions.session import Account
from chat_server.store.api import MemberRecord, MentionRecord, MessageRecord, Store
from chat_server.store.threads import Storage
from chat_server.tasks.fair_queue import FairQueue
from chat_shared.limits import MAX_PAGE, MAX_REACTORS, MAX_SEQ
from chat_shared.messages import History, Hit, Line, Member, Mentions
from chat_shared.names import fold

# Pages that may wait: a page of the largest messages with all their reactions takes 30 ms.
PAGES_QUEUE: Final = 200


@dataclass(frozen=True, slots=True)
class MessageHistory:
    """Reads pages from the store, for one account after the other: they take turns.

    Does not check who may read them. Any method may raise QueueFullError.
    """

    storage: Storage
    describe: Callable[[MemberRecord], Member]  # with their presence
    _turns: FairQueue = field(default_factory=lambda: FairQueue(slots=1, most=PAGES_QUEUE))

    async def page(self, room: Room, request: History, reader: int) -> tuple[list[Line], bool]:
        """Return messages, oldest first, and whether more exist in the requested direction.

        `after` takes precedence over `before`; with neither it is the newest page.
        Reactions are as the account `reader` sees them.
        """
        if request.after is not None:
            return await self._after(room, request.after, request.limit, reader)
        before = request.before if request.before is not None else MAX_SEQ
        return await self._before(room, before, request.limit, reader)

    async def lines(self, room: Room, seqs: list[int], reader: int) -> list[Line]:
        """Return those of the messages `seqs` that exist, as many as fit a frame."""
        numbers = frozenset(seqs)
        lines = await self._read(room, reader, lambda store: store.messages_at(room.id, numbers))
        return fit_page(lines)

    async def members(self, room: Room, after: str, reader: int) -> tuple[list[Member], bool]:
        """Return members by name, those after the name `after`, and whether more exist."""
        async with self._turns.turn(reader):
            rows = await self.storage.read(
                lambda store: store.members(room.id, fold(after), MAX_PAGE + 1)
            )
        members = fit_page(self.describe(row) for row in rows[:MAX_PAGE])
        return members, len(members) < len(rows)

    async def mentions(self, account: Account, request: Mentions) -> tuple[list[Hit], bool]:
        """Return messages that mention `account`, newest first, and whether more exist."""
        before, limit = request.before or MAX_SEQ, request.limit
        async with self._turns.turn(account.id):
            records = await self.storage.read(
                lambda store: store.mentions(account.id, before, limit + 1)
            )
        hits = fit_page(_hit(record) for record in records[:limit])
        return hits, len(hits) < len(records)

    async def _after(
        self, room: Room, after: int, limit: int, reader: int
    ) -> tuple[list[Line], bool]:
        found = await self._read(
            room, reader, lambda store: store.messages_after(room.id, after, limit + 1)
        )
        lines = fit_page(found[:limit])
        return lines, len(lines) < len(found)

    async def _before(
        self, room: Room, before: int, limit: int, reader: int
    ) -> tuple[list[Line], bool]:
        found = await self._read(
            room, reader, lambda store: store.messages_before(room.id, before, limit + 1)
        )
        lines = fit_page(reversed(found[-limit:]))
        return lines[::-1], len(lines) < len(found)

    async def _read(
        self, room: Room, reader: int, query: Callable[[Store], list[MessageRecord]]
    ) -> list[Line]:
        """Return the messages of `query` with their reactions."""

        def read(store: Store) -> list[Line]:
            records = query(store)
            seqs = [record.seq for record in records if not record.change]
            reactions = store.reactions(room.id, seqs, reader, MAX_REACTORS)
            return [line_of(record, reactions.get(record.seq, ())) for record in records]

        async with self._turns.turn(reader):
            return await self.storage.read(read)


def _hit(record: MentionRecord) -> Hit:
    return Hit(
        *(record.id, record.room, record.seq, record.author, record.text, rfc3339(record.at)),
        files=as_sent(record.files),
    )
