"""People in rooms: how far they have read, what calls them, where they are, and rooms of two.

What each method promises stands at `Store`.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import apsw
import msgspec

from chat_server.store.api import (
    AccountState,
    BlockedError,
    Draft,
    MemberRecord,
    MentionRecord,
    Receipt,
    RoomRecord,
    Span,
    Unread,
    direct_name,
)
from chat_server.store.sqlite.guard import one_transaction, raises_store_errors
from chat_server.store.sqlite.rows import insert_member, read_rooms
from chat_server.store.sqlite.transaction import transaction
from chat_shared.limits import MAX_COUNTED
from chat_shared.mentions import mentioned

# Rows that are looked at in one room, the newest ones, to count what is unread: who
# has written so much behind their own mark, and only they, is told less. And to see
# whether one has spoken there: to whom somebody has written so much, it was not of late.
MOST_LOOKED_AT: Final = 10 * MAX_COUNTED

_UNREAD: Final = (
    "SELECT count(*) FROM (SELECT 1 FROM"
    " (SELECT author, change, deleted FROM message WHERE room = ?2 AND seq > ?3 AND seq <= ?4"
    " ORDER BY seq DESC LIMIT ?5) WHERE author <> ?1 AND change = '' AND deleted IS NULL"
    " LIMIT ?6)"
)
_MENTIONED: Final = (
    "SELECT count(*) FROM (SELECT 1 FROM mention"
    " WHERE account = ?1 AND room = ?2 AND seq > ?3 AND seq <= ?4 LIMIT ?6)"
)
_DIRECT_ROOMS: Final = (
    "SELECT room.id, last_seq FROM member JOIN room ON room.id = member.room"
    " WHERE member.account = ?1 AND low IS NOT NULL AND removed IS NULL AND room.id <> ?2"
    " ORDER BY last_seq > 0,"
    " EXISTS (SELECT 1 FROM (SELECT author FROM message WHERE message.room = room.id"
    " ORDER BY seq DESC LIMIT ?3) WHERE author = ?1),"
    " read_seq < last_seq, coalesce((SELECT at FROM message"
    " WHERE message.room = room.id AND message.seq = last_seq), room.created), room.id"
    " LIMIT ?4"
)
_HOW_MANY_DIRECT: Final = (
    "SELECT count(*) FROM member JOIN room ON room.id = member.room"
    " WHERE account = ? AND low IS NOT NULL AND removed IS NULL AND room.id <> ?"
)
_IN_TOO_MANY: Final = (
    "SELECT account FROM member JOIN room ON room.id = member.room"
    " WHERE low IS NOT NULL AND removed IS NULL GROUP BY account HAVING count(*) > ?"
)
_NOTE_MENTION: Final = (
    "INSERT INTO mention (account, message, room, seq)"
    " SELECT account.id, message.id, message.room, message.seq FROM json_each(?) AS called"
    # CROSS: from the names to the members. Left to itself it looks through all members.
    " CROSS JOIN account ON account.key = called.value"
    " CROSS JOIN message ON message.room = ? AND seq = ?"
    " CROSS JOIN member ON member.account = account.id AND member.room = message.room"
    " WHERE account.id <> message.author"
)


class SqlitePeople:
    """The part of `SqliteStore` that knows who has read what, and who is whose peer."""

    _db: apsw.Connection

    # --- who they are

    @raises_store_errors
    def account_state(self, account: int) -> AccountState:
        found = self._db.execute(
            "SELECT away, room.id, read_seq FROM account"
            " JOIN member ON member.account = account.id JOIN room ON room.id = member.room"
            " WHERE account.id = ? AND room.removed IS NULL",
            (account,),
        )
        rows = list(found)
        # Whoever is somebody is in the general room.
        away = rows[0][0] if rows else ""
        read = {room: read_seq for _, room, read_seq in rows}
        return AccountState(away, read)

    @raises_store_errors
    def set_away(self, account: int, away: str) -> None:
        self._db.execute("UPDATE account SET away = ? WHERE id = ?", (away, account))

    @raises_store_errors
    def set_last_seen(self, seen: Mapping[int, int]) -> None:
        with transaction(self._db):
            self._db.executemany(
                "UPDATE account SET seen = ? WHERE id = ?",
                [(at, account) for account, at in seen.items()],
            )

    @raises_store_errors
    def members(self, room: int, after: str, limit: int) -> list[MemberRecord]:
        rows = self._db.execute(
            "SELECT account.id, name, away, seen FROM member"
            " JOIN account ON account.id = member.account"
            " WHERE room = ? AND key > ? ORDER BY key LIMIT ?",
            (room, after, limit),
        )
        return [MemberRecord(*row) for row in rows]

    @raises_store_errors
    def has_members(self, room: int, number: int) -> bool:
        last = "SELECT 1 FROM member WHERE room = ? LIMIT 1 OFFSET ?"
        return self._db.execute(last, (room, number - 1)).get is not None

    # --- reading

    @raises_store_errors
    def set_read(self, read: Mapping[tuple[int, int], int]) -> None:
        with transaction(self._db):
            self._db.executemany(
                "UPDATE member SET read_seq = ? WHERE account = ? AND room = ?",
                [(seq, account, room) for (account, room), seq in read.items()],
            )

    @raises_store_errors
    def count_unread(self, spans: Sequence[Span]) -> list[Unread]:
        return [Unread(self._count(_UNREAD, span), self._count(_MENTIONED, span)) for span in spans]

    @raises_store_errors
    def mentions(self, account: int, before: int, limit: int) -> list[MentionRecord]:
        rows = self._db.execute(
            "SELECT message.id, room.name, message.seq, author.name, text, at FROM mention"
            " JOIN member USING (account, room) JOIN room ON room.id = mention.room"
            " JOIN message ON message.id = mention.message"
            " JOIN account AS author ON author.id = message.author"
            " WHERE mention.account = ? AND mention.message < ? AND room.removed IS NULL"
            " ORDER BY mention.message DESC LIMIT ?",
            (account, before, limit),
        )
        return [MentionRecord(*row) for row in rows]

    # --- rooms of two

    @raises_store_errors
    def open_direct(self, low: int, high: int, at: int) -> RoomRecord:
        name = direct_name(low, high)
        with transaction(self._db):
            self._check_not_blocked(low, high)
            self._db.execute(
                "INSERT INTO room (key, name, password, created, low, high)"
                " VALUES (?1, ?1, '', ?2, ?3, ?4) ON CONFLICT (key) DO NOTHING",
                (name, at, low, high),
            )
            record = read_rooms(self._db, "WHERE room.key = ?", name)[0]
            for peer in record.participants:
                if not (peer.member or peer.removed):
                    insert_member(self._db, record.id, peer.account, at)
        return read_rooms(self._db, "WHERE room.key = ?", name)[0]

    @raises_store_errors
    def excess_direct_rooms(self, account: int, most: int, but: int) -> list[tuple[int, int]]:
        surplus = self._db.execute(_HOW_MANY_DIRECT, (account, but)).get + 1 - most
        if surplus <= 0:  # as nearly always: nothing is looked up to put them in order
            return []
        values = (account, but, MOST_LOOKED_AT, surplus)
        return list(self._db.execute(_DIRECT_ROOMS, values))

    @one_transaction
    def leave_excess_direct_rooms(self, most: int) -> None:
        accounts: list[int] = [account for (account,) in self._db.execute(_IN_TOO_MANY, (most,))]
        for account in accounts:
            # As if one more were just coming that stays.
            for room, _ in self.excess_direct_rooms(account, most + 1, 0):
                left = "DELETE FROM member WHERE account = ? AND room = ?"
                self._db.execute(left, (account, room))

    @one_transaction
    def block(self, account: int, other: int, most: int) -> bool:
        others = "SELECT count(*) FROM block WHERE account = ? AND blocked <> ?"
        if self._db.execute(others, (account, other)).get >= most:
            return False
        self._db.execute(
            "INSERT OR IGNORE INTO block"
            " SELECT ?, id FROM account WHERE id = ? AND removed IS NULL",
            (account, other),
        )
        return True

    @raises_store_errors
    def unblock(self, account: int, other: int) -> bool:
        self._db.execute("DELETE FROM block WHERE account = ? AND blocked = ?", (account, other))
        return bool(self._db.changes())

    @raises_store_errors
    def blocked(self, account: int) -> list[str]:
        names = (
            "SELECT name FROM block JOIN account ON account.id = blocked"
            " WHERE block.account = ? ORDER BY key"
        )
        return [name for (name,) in self._db.execute(names, (account,))]

    # --- parts of transactions

    def _note_mentions(self, drafts: Sequence[Draft], receipts: Sequence[Receipt]) -> None:
        """Keep whom `drafts` call, of the members. Only texts with an `@` cost anything."""
        for draft, receipt in zip(drafts, receipts, strict=True):
            if "@" in draft.text and (called := mentioned(draft.text)):
                keys = msgspec.json.encode(sorted(called)).decode()
                self._db.execute(_NOTE_MENTION, (keys, receipt.room, receipt.seq))

    def _count(self, sql: str, span: Span) -> int:
        bounds = (MOST_LOOKED_AT, MAX_COUNTED)
        values = (span.account, span.room, span.after, span.upto, *bounds)
        count: int = self._db.execute(sql, values).get
        return count

    def _check_not_blocked(self, low: int, high: int) -> None:
        found = "SELECT account FROM block WHERE (account, blocked) IN (VALUES (?1, ?2), (?2, ?1))"
        blockers = [account for (account,) in self._db.execute(found, (low, high))]
        if blockers:
            raise BlockedError(*blockers)
