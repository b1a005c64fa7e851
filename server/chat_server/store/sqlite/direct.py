"""Direct rooms and blocks, in SQLite."""

from typing import Final

import apsw

from chat_server.store.api import BlockedError, RoomRecord, direct_name
from chat_server.store.api.reading import MAX_SCANNED
from chat_server.store.sqlite.guard import Subject, one_transaction, raises_store_errors
from chat_server.store.sqlite.members import delete_member, insert_member
from chat_server.store.sqlite.rooms import read_rooms

_COUNT: Final = (
    "SELECT count(*) FROM member JOIN room ON room.id = member.room"
    " WHERE account = ? AND low IS NOT NULL AND removed IS NULL AND room.id <> ?"
)
_LEAST_MISSED: Final = (
    "SELECT room.id, room.name, last_seq FROM member JOIN room ON room.id = member.room"
    " WHERE member.account = ?1 AND low IS NOT NULL AND removed IS NULL AND room.id <> ?2"
    " ORDER BY last_seq > 0,"
    " EXISTS (SELECT 1 FROM (SELECT author FROM message WHERE message.room = room.id"
    " ORDER BY seq DESC LIMIT ?3) WHERE author = ?1),"
    " read_seq < last_seq, coalesce((SELECT at FROM message"
    " WHERE message.room = room.id AND message.seq = last_seq), room.created), room.id"
    " LIMIT ?4"
)
_IN_TOO_MANY: Final = (
    "SELECT account FROM member JOIN room ON room.id = member.room"
    " WHERE low IS NOT NULL AND removed IS NULL GROUP BY account HAVING count(*) > ?"
)


_OF_MEMBER: Final = (
    "JOIN member ON member.room = room.id"
    " WHERE member.account = ? AND low IS NOT NULL AND room.removed IS NULL ORDER BY member.room"
)


class SqliteDirect(Subject):
    @one_transaction
    def open_direct(self, low: int, high: int, at: int) -> RoomRecord:
        _check_not_blocked(self._db, low, high)
        name = direct_name(low, high)
        self._db.execute(
            "INSERT INTO room (key, name, password, created, low, high)"
            " VALUES (?1, ?1, '', ?2, ?3, ?4) ON CONFLICT (key) DO NOTHING",
            (name, at, low, high),
        )
        record = read_rooms(self._db, "WHERE room.key = ?", name)[0]
        for participant in record.participants:
            if not (participant.member or participant.removed):
                insert_member(self._db, record.id, participant.account, at)
        return read_rooms(self._db, "WHERE room.key = ?", name)[0]

    @raises_store_errors
    def direct_room(self, name: str) -> RoomRecord | None:
        found = read_rooms(self._db, "WHERE room.key = ? AND low IS NOT NULL", name)
        return found[0] if found else None

    @raises_store_errors
    def direct_rooms_of(self, account: int) -> list[RoomRecord]:
        return read_rooms(self._db, _OF_MEMBER, account)

    @raises_store_errors
    def excess_direct_rooms(self, account: int, limit: int, exclude: int) -> list[tuple[str, int]]:
        return [room[1:] for room in _excess_rooms(self._db, account, limit, exclude)]

    @one_transaction
    def leave_excess_direct_rooms(self, limit: int) -> None:
        accounts: list[int] = [account for (account,) in self._db.execute(_IN_TOO_MANY, (limit,))]
        for account in accounts:
            # `limit` counts the excluded room, and here none is excluded.
            for room, *_ in _excess_rooms(self._db, account, limit + 1, 0):
                delete_member(self._db, room, account)

    @one_transaction
    def block(self, account: int, other: int, limit: int) -> bool:
        others = "SELECT count(*) FROM block WHERE account = ? AND blocked <> ?"
        if self._db.execute(others, (account, other)).get >= limit:
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


def _excess_rooms(
    db: apsw.Connection, account: int, limit: int, exclude: int
) -> list[tuple[int, str, int]]:
    excess = db.execute(_COUNT, (account, exclude)).get + 1 - limit
    if excess <= 0:  # as nearly always: nothing needs to be put in order
        return []
    return list(db.execute(_LEAST_MISSED, (account, exclude, MAX_SCANNED, excess)))


def _check_not_blocked(db: apsw.Connection, low: int, high: int) -> None:
    found = "SELECT account FROM block WHERE (account, blocked) IN (VALUES (?1, ?2), (?2, ?1))"
    blockers = [account for (account,) in db.execute(found, (low, high))]
    if blockers:
        raise BlockedError(*blockers)
