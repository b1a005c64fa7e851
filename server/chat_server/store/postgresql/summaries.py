"""Summaries for the operator, in PostgreSQL."""

from chat_server.store.api import AccountSummary, RoomSummary, StoreFigures
from chat_server.store.postgresql.guard import Subject, raises_store_errors
from chat_server.store.postgresql.queries import rows


class PostgresqlSummaries(Subject):
    @raises_store_errors
    def account_summaries(self, after: str, limit: int) -> list[AccountSummary]:
        found = rows(
            self._db,
            "SELECT name, created, locked IS NOT NULL,"
            " (SELECT count(*) FROM member JOIN room ON room.id = member.room"
            " WHERE member.account = account.id AND low IS NULL),"
            " (SELECT count(*) FROM token WHERE account = id), coalesce(guest_until, 0)"
            " FROM account WHERE key > %s AND removed IS NULL"
            " AND NOT EXISTS (SELECT 1 FROM hook WHERE account = account.id)"
            " ORDER BY key LIMIT %s",
            (after, limit),
        )
        return [AccountSummary(*row) for row in found]

    @raises_store_errors
    def room_summaries(self) -> list[RoomSummary]:
        found = rows(
            self._db,
            # Messages are kept without gaps, so the first and the last seq count them.
            "SELECT room.name, coalesce(owner.name, ''),"
            " (SELECT count(*) FROM member WHERE room = room.id),"
            " coalesce(1 + last_seq - (SELECT min(seq) FROM message WHERE room = room.id), 0),"
            " keep, low.name, high.name FROM room"
            " LEFT JOIN account AS owner ON owner.id = room.owner"
            " LEFT JOIN account AS low ON low.id = room.low"
            " LEFT JOIN account AS high ON high.id = room.high"
            " WHERE room.removed IS NULL ORDER BY room.id",
        )
        return [
            RoomSummary(name, owner, members, messages, keep, (low, high) if low else ())
            for name, owner, members, messages, keep, low, high in found
        ]

    @raises_store_errors
    def figures(self) -> StoreFigures:
        counted = rows(
            self._db,
            "SELECT (SELECT count(*) FROM account WHERE removed IS NULL),"
            " (SELECT count(*) FROM room WHERE removed IS NULL AND low IS NULL),"
            " pg_database_size(current_database())",
        )
        return StoreFigures(*counted[0])
