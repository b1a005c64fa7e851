"""Direct rooms and blocks, in PostgreSQL."""

from typing import Final

from chat_server.store.api import BlockedError, RoomRecord, direct_name
from chat_server.store.api.reading import MAX_SCANNED
from chat_server.store.postgresql.guard import Subject, one_transaction, raises_store_errors
from chat_server.store.postgresql.members import delete_member, insert_member
from chat_server.store.postgresql.queries import Database, change, rows, value, values_of
from chat_server.store.postgresql.rooms import read_rooms

_COUNT: Final = (
    "SELECT count(*) FROM member JOIN room ON room.id = member.room"
    " WHERE account = %s AND low IS NOT NULL AND removed IS NULL AND room.id <> %s"
)
_LEAST_MISSED: Final = (
    "SELECT room.id, room.name, last_seq FROM member JOIN room ON room.id = member.room"
    " WHERE member.account = %(account)s AND low IS NOT NULL AND removed IS NULL"
    " AND room.id <> %(exclude)s ORDER BY last_seq > 0,"
    " EXISTS (SELECT FROM (SELECT author FROM message WHERE message.room = room.id"
    " ORDER BY seq DESC LIMIT %(scanned)s) AS newest WHERE author = %(account)s),"
    " read_seq < last_seq, coalesce((SELECT at FROM message"
    " WHERE message.room = room.id AND message.seq = last_seq), room.created), room.id"
    " LIMIT %(limit)s"
)
_IN_TOO_MANY: Final = (
    "SELECT account FROM member JOIN room ON room.id = member.room"
    " WHERE low IS NOT NULL AND removed IS NULL GROUP BY account HAVING count(*) > %s"
)
_OF_MEMBER: Final = (
    "JOIN member ON member.room = room.id"
    " WHERE member.account = %s AND low IS NOT NULL AND room.removed IS NULL ORDER BY room.id"
)


class PostgresqlDirect(Subject):
    @one_transaction
    def open_direct(self, low: int, high: int, at: int) -> RoomRecord:
        _check_not_blocked(self._db, low, high)
        name = direct_name(low, high)
        change(
            self._db,
            "INSERT INTO room (key, name, password, created, low, high)"
            " VALUES (%s, %s, '', %s, %s, %s) ON CONFLICT (key) DO NOTHING",
            (name, name, at, low, high),
        )
        record = read_rooms(self._db, "WHERE room.key = %s", name)[0]
        for participant in record.participants:
            if not (participant.member or participant.removed):
                insert_member(self._db, record.id, participant.account, at)
        return read_rooms(self._db, "WHERE room.key = %s", name)[0]

    @raises_store_errors
    def direct_room(self, name: str) -> RoomRecord | None:
        found = read_rooms(self._db, "WHERE room.key = %s AND low IS NOT NULL", name)
        return found[0] if found else None

    @raises_store_errors
    def direct_rooms_of(self, account: int) -> list[RoomRecord]:
        return read_rooms(self._db, _OF_MEMBER, account)

    @raises_store_errors
    def excess_direct_rooms(self, account: int, limit: int, exclude: int) -> list[tuple[str, int]]:
        return [room[1:] for room in _excess_rooms(self._db, account, limit, exclude)]

    @one_transaction
    def leave_excess_direct_rooms(self, limit: int) -> None:
        for account in values_of(self._db, _IN_TOO_MANY, (limit,)):
            # `limit` counts the excluded room, and here none is excluded.
            for room, *_ in _excess_rooms(self._db, account, limit + 1, 0):
                delete_member(self._db, room, account)

    @one_transaction
    def block(self, account: int, other: int, limit: int) -> bool:
        others = "SELECT count(*) FROM block WHERE account = %s AND blocked <> %s"
        if value(self._db, others, (account, other)) >= limit:
            return False
        change(
            self._db,
            "INSERT INTO block SELECT %s, id FROM account WHERE id = %s AND removed IS NULL"
            " ON CONFLICT DO NOTHING",
            (account, other),
        )
        return True

    @raises_store_errors
    def unblock(self, account: int, other: int) -> bool:
        undone = "DELETE FROM block WHERE account = %s AND blocked = %s"
        return bool(change(self._db, undone, (account, other)))

    @raises_store_errors
    def blocked(self, account: int) -> list[str]:
        names = (
            "SELECT name FROM block JOIN account ON account.id = blocked"
            " WHERE block.account = %s ORDER BY key"
        )
        return values_of(self._db, names, (account,))


def _excess_rooms(
    db: Database, account: int, limit: int, exclude: int
) -> list[tuple[int, str, int]]:
    excess = value(db, _COUNT, (account, exclude)) + 1 - limit
    if excess <= 0:  # as nearly always: nothing needs to be put in order
        return []
    values = {"account": account, "exclude": exclude, "scanned": MAX_SCANNED, "limit": excess}
    return [(id, name, last_seq) for id, name, last_seq in rows(db, _LEAST_MISSED, values)]


def _check_not_blocked(db: Database, low: int, high: int) -> None:
    found = "SELECT account FROM block WHERE (account, blocked) IN ((%s, %s), (%s, %s))"
    blockers = values_of(db, found, (low, high, high, low))
    if blockers:
        raise BlockedError(*blockers)
