"""Read positions, unread counts and mentions, in PostgreSQL."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec.structs import astuple, replace

from chat_server.store.api import MentionRecord, Receipt, Span, Unread
from chat_server.store.api.reading import MAX_SCANNED
from chat_server.store.postgresql.files import FILES, files_of
from chat_server.store.postgresql.guard import Subject, raises_store_errors
from chat_server.store.postgresql.queries import Database, change, columns, rows
from chat_shared.limits import MAX_COUNTED
from chat_shared.mentions import possible_names

_SET_READ: Final = (
    "UPDATE member SET read_seq = mark.seq"
    " FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS mark (account, room, seq)"
    " WHERE member.account = mark.account AND member.room = mark.room"
)
_COUNT_UNREAD: Final = """
    SELECT
        (SELECT count(*) FROM (SELECT FROM (
            SELECT author, change, deleted FROM message
            WHERE message.room = span.room AND seq > after AND seq <= upto
            ORDER BY seq DESC LIMIT %(scanned)s
        ) AS newest WHERE author <> account AND change = '' AND deleted IS NULL
        LIMIT %(counted)s) AS messages),
        (SELECT count(*) FROM (
            SELECT FROM mention WHERE mention.account = span.account
            AND mention.room = span.room AND seq > after AND seq <= upto LIMIT %(counted)s
        ) AS mentions)
    FROM unnest(
        %(accounts)s::bigint[], %(rooms)s::bigint[], %(afters)s::bigint[], %(uptos)s::bigint[]
    ) WITH ORDINALITY AS span (account, room, after, upto, place) ORDER BY place
"""
_MENTIONS: Final = f"""
    SELECT message.id, room.name, message.seq, author.name, text, at, {FILES} FROM mention
    JOIN member USING (account, room) JOIN room ON room.id = mention.room
    JOIN message ON message.id = mention.message
    JOIN account AS author ON author.id = message.author
    WHERE mention.account = %s AND mention.message < %s AND room.removed IS NULL
    ORDER BY mention.message DESC LIMIT %s
"""  # noqa: S608 - constants
# Of each mention, the first of the possible names that a member has.
_INSERT_MENTIONS: Final = """
    INSERT INTO mention (account, message, room, seq)
    SELECT account, message, room, seq FROM (
        SELECT DISTINCT ON (possible.mention) account.id AS account, message.id AS message,
            message.room, message.seq, author
        FROM unnest(
            %s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[]
        ) AS possible (mention, place, key, room, seq)
        JOIN account ON account.key = possible.key
        JOIN message ON message.room = possible.room AND message.seq = possible.seq
        JOIN member ON member.account = account.id AND member.room = message.room
        ORDER BY possible.mention, possible.place
    ) AS meant WHERE account <> author
    ON CONFLICT DO NOTHING
    RETURNING room, seq, (SELECT name FROM account WHERE account.id = mention.account)
"""


class PostgresqlReading(Subject):
    @raises_store_errors
    def set_read(self, read: Mapping[tuple[int, int], int]) -> None:
        marks = [(account, room, seq) for (account, room), seq in read.items()]
        change(self._db, _SET_READ, columns(marks, 3))

    @raises_store_errors
    def count_unread(self, spans: Sequence[Span]) -> list[Unread]:
        accounts, rooms_of, afters, uptos = columns([astuple(span) for span in spans], 4)
        values = {
            "accounts": accounts,
            "rooms": rooms_of,
            "afters": afters,
            "uptos": uptos,
            "scanned": MAX_SCANNED,
            "counted": MAX_COUNTED,
        }
        return [Unread(*counts) for counts in rows(self._db, _COUNT_UNREAD, values)]

    @raises_store_errors
    def mentions(self, account: int, before: int, limit: int) -> list[MentionRecord]:
        found = rows(self._db, _MENTIONS, (account, before, limit))
        return [MentionRecord(*(*columns, files_of(files))) for *columns, files in found]


def insert_mentions(db: Database, texts: Sequence[str], receipts: list[Receipt]) -> None:
    """Record which members `texts` mention, also in their `receipts`.

    Only texts with an `@` cost anything.
    """
    places = [at for at, text in enumerate(texts) if "@" in text]
    if not places:
        return
    named = _insert_mentions(db, [(texts[at], receipts[at]) for at in places])
    for at in places:
        names = sorted(named[receipts[at].room, receipts[at].seq])
        receipts[at] = replace(receipts[at], mentions=names)


def _insert_mentions(
    db: Database, posted: Sequence[tuple[str, Receipt]]
) -> Mapping[tuple[int, int], list[str]]:
    """Record whom these texts mention; return the names by room and seq."""
    mentions = [(names, receipt) for text, receipt in posted for names in possible_names(text)]
    possible = [
        (number, place, name, receipt.room, receipt.seq)
        for number, (names, receipt) in enumerate(mentions)
        for place, name in enumerate(names)
    ]
    named: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
    if possible:
        for room, seq, name in rows(db, _INSERT_MENTIONS, columns(possible, 5)):
            named[room, seq].append(name)
    return named
