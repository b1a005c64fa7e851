"""Read positions, unread counts and mentions, in SQLite."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import apsw
from msgspec.structs import astuple, replace

from chat_server.store.api import Draft, MentionRecord, Receipt, Span, Unread
from chat_server.store.api.reading import MAX_SCANNED
from chat_server.store.sqlite.bulk import as_json, update_rows
from chat_server.store.sqlite.files import FILES, files_of
from chat_server.store.sqlite.guard import Subject, one_transaction, raises_store_errors
from chat_shared.limits import MAX_COUNTED
from chat_shared.mentions import possible_names

# Both counts of every span, which are JSON. Materialized: else each message parses it again.
_COUNT_UNREAD: Final = (
    "WITH span AS MATERIALIZED (SELECT key, value ->> 0 AS account, value ->> 1 AS room,"
    " value ->> 2 AS after, value ->> 3 AS upto FROM json_each(?1))"
    " SELECT (SELECT count(*) FROM (SELECT 1 FROM (SELECT author, change, deleted FROM message"
    " WHERE room = span.room AND seq > after AND seq <= upto ORDER BY seq DESC LIMIT ?2)"
    " WHERE author <> account AND change = '' AND deleted IS NULL LIMIT ?3)),"
    " (SELECT count(*) FROM (SELECT 1 FROM mention WHERE account = span.account"
    " AND room = span.room AND seq > after AND seq <= upto LIMIT ?3))"
    " FROM span ORDER BY key"
)
_MENTIONS: Final = f"""
    SELECT message.id, room.name, message.seq, author.name, text, at, {FILES} FROM mention
    JOIN member USING (account, room) JOIN room ON room.id = mention.room
    JOIN message ON message.id = mention.message
    JOIN account AS author ON author.id = message.author
    WHERE mention.account = ? AND mention.message < ? AND room.removed IS NULL
    ORDER BY mention.message DESC LIMIT ?
"""  # noqa: S608 - constants
# Of mentions that are JSON: the names that each may mean, and its message's place.
_INSERT_MENTIONS: Final = (
    "INSERT OR IGNORE INTO mention (account, message, room, seq)"
    # The first of the possible names that a member has: with min(), SQLite takes the
    # other columns from the row that has the minimum.
    " SELECT account, message, room, seq FROM (SELECT account.id AS account,"
    " message.id AS message, message.room, message.seq, author, min(names.key)"
    " FROM json_each(?) AS mention CROSS JOIN json_each(mention.value, '$[0]') AS names"
    # CROSS: from the names to the members. Left to itself SQLite scans all members.
    " CROSS JOIN account ON account.key = names.value"
    " CROSS JOIN message"
    " ON message.room = mention.value ->> 1 AND message.seq = mention.value ->> 2"
    " CROSS JOIN member ON member.account = account.id AND member.room = message.room"
    " GROUP BY mention.key) WHERE account <> author"
    " RETURNING room, seq, (SELECT name FROM account WHERE account.id = mention.account)"
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
        values = (as_json([astuple(span) for span in spans]), MAX_SCANNED, MAX_COUNTED)
        return [Unread(*counts) for counts in self._db.execute(_COUNT_UNREAD, values)]

    @raises_store_errors
    def mentions(self, account: int, before: int, limit: int) -> list[MentionRecord]:
        rows = self._db.execute(_MENTIONS, (account, before, limit))
        return [MentionRecord(*(*columns, files_of(files))) for *columns, files in rows]


def insert_mentions(db: apsw.Connection, drafts: Sequence[Draft], receipts: list[Receipt]) -> None:
    """Record which members `drafts` mention, also in their `receipts`.

    Only texts with an `@` cost anything.
    """
    places = [at for at, draft in enumerate(drafts) if "@" in draft.text]
    if not places:
        return
    named = _insert_mentions(db, [(drafts[at].text, receipts[at]) for at in places])
    for at in places:
        names = sorted(named[receipts[at].room, receipts[at].seq])
        receipts[at] = replace(receipts[at], mentions=names)


def _insert_mentions(
    db: apsw.Connection, posted: Iterable[tuple[str, Receipt]]
) -> Mapping[tuple[int, int], list[str]]:
    """Record whom these texts mention; return the names by room and seq."""
    possible = [
        (names, receipt.room, receipt.seq)
        for text, receipt in posted
        for names in possible_names(text)
    ]
    named: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
    if possible:
        for room, seq, name in db.execute(_INSERT_MENTIONS, (as_json(possible),)):
            named[room, seq].append(name)
    return named
