"""Read positions, unread counts and mentions, in SQLite."""

from collections.abc import Mapping, Sequence
from typing import Final

import apsw
import msgspec

from chat_server.store.api import Draft, MentionRecord, Receipt, Span, Unread
from chat_server.store.api.reading import MAX_SCANNED
from chat_server.store.sqlite.bulk import update_rows
from chat_server.store.sqlite.guard import Subject, one_transaction, raises_store_errors
from chat_shared.limits import MAX_COUNTED
from chat_shared.mentions import possible_names

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
_INSERT_MENTIONS: Final = (
    "INSERT OR IGNORE INTO mention (account, message, room, seq)"
    # The first of the possible names that a member has: with min(), SQLite takes the
    # other columns from the row that has the minimum.
    " SELECT account, message, room, seq FROM (SELECT account.id AS account,"
    " message.id AS message, message.room, message.seq, author, min(names.key)"
    " FROM json_each(?) AS mention CROSS JOIN json_each(mention.value) AS names"
    # CROSS: from the names to the members. Left to itself SQLite scans all members.
    " CROSS JOIN account ON account.key = names.value"
    " CROSS JOIN message ON message.room = ? AND seq = ?"
    " CROSS JOIN member ON member.account = account.id AND member.room = message.room"
    " GROUP BY mention.key) WHERE account <> author"
    " RETURNING (SELECT name FROM account WHERE account.id = mention.account)"
)


class SqliteReading(Subject):
    @one_transaction
    def set_read(self, read: Mapping[tuple[int, int], int]) -> None:
        marks = [(account, room, seq) for (account, room), seq in read.items()]
        update_rows(
            self._db,
            "UPDATE member SET read_seq = value ->> 2 FROM json_each(?)"
            " WHERE account = value ->> 0 AND room = value ->> 1",
            marks,
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

    def _count(self, sql: str, span: Span) -> int:
        bounds = (MAX_SCANNED, MAX_COUNTED)
        values = (span.account, span.room, span.after, span.upto, *bounds)
        count: int = self._db.execute(sql, values).get
        return count


def insert_mentions(db: apsw.Connection, drafts: Sequence[Draft], receipts: list[Receipt]) -> None:
    """Record which members `drafts` mention, also in their `receipts`.

    Only texts with an `@` cost anything.
    """
    for at, draft in enumerate(drafts):
        if "@" in draft.text:
            names = _insert_mentions(db, draft.text, receipts[at])
            receipts[at] = msgspec.structs.replace(receipts[at], mentions=names)


def _insert_mentions(db: apsw.Connection, text: str, receipt: Receipt) -> list[str]:
    """Record whom the message of `receipt` mentions; return their names, sorted."""
    if not (possible := possible_names(text)):
        return []
    values = (msgspec.json.encode(possible).decode(), receipt.room, receipt.seq)
    return sorted(name for (name,) in db.execute(_INSERT_MENTIONS, values))
