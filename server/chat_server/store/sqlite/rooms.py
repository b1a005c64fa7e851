"""Rooms, in SQLite."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import apsw

from chat_server.store.api import AuditDraft, Participant, RoomRecord, TakenError
from chat_server.store.sqlite.audit import insert_entry
from chat_server.store.sqlite.bulk import as_json, update_rows
from chat_server.store.sqlite.guard import Subject, one_transaction, raises_store_errors
from chat_server.store.sqlite.hooks import remove_hooks_of
from chat_server.store.sqlite.members import check_not_removed, insert_member

# With both participants of a direct room, which are NULL in every other room.
_ROOMS: Final = (
    "SELECT room.id, room.name, coalesce(account.name, ''), topic, room.password, last_seq,"
    " room.removed IS NOT NULL, keep, last_at,"
    " lower.id, lower.name,"
    " EXISTS (SELECT 1 FROM member WHERE account = low AND room = room.id),"
    " lower.removed IS NOT NULL,"
    " EXISTS (SELECT 1 FROM block WHERE account = low AND blocked = high),"
    " higher.id, higher.name,"
    " EXISTS (SELECT 1 FROM member WHERE account = high AND room = room.id),"
    " higher.removed IS NOT NULL,"
    " EXISTS (SELECT 1 FROM block WHERE account = high AND blocked = low)"
    " FROM room LEFT JOIN account ON account.id = owner"
    " LEFT JOIN account AS lower ON lower.id = low LEFT JOIN account AS higher ON higher.id = high"
)
_COLUMNS: Final = 9  # of a room, before those of its participants


class SqliteRooms(Subject):
    @raises_store_errors
    def rooms(self) -> list[RoomRecord]:
        return read_rooms(self._db, "ORDER BY room.id")

    @raises_store_errors
    def shared_rooms(self) -> list[RoomRecord]:
        return read_rooms(self._db, "WHERE low IS NULL AND room.removed IS NULL ORDER BY room.id")

    @one_transaction
    def add_room(self, key: str, name: str, owner: int, password: str, at: int) -> RoomRecord:
        check_not_removed(self._db, owner)
        room = _insert_room(self._db, key, name, owner, password, at)
        insert_member(self._db, room, owner, at)
        return read_rooms(self._db, "WHERE room.id = ?", room)[0]

    @raises_store_errors
    def add_unowned_room(self, key: str, name: str, password: str, at: int) -> None:
        _insert_room(self._db, key, name, None, password, at)

    @one_transaction
    def set_topic(self, entry: AuditDraft, topic: str) -> int:
        self._db.execute("UPDATE room SET topic = ? WHERE id = ?", (topic, entry.room))
        return insert_entry(self._db, entry)

    @one_transaction
    def renew_room_password(self, entry: AuditDraft, password: str) -> int:
        self._db.execute("UPDATE room SET password = ? WHERE id = ?", (password, entry.room))
        return insert_entry(self._db, entry)

    @raises_store_errors
    def set_room_password(self, room: int, password: str) -> None:
        self._db.execute("UPDATE room SET password = ? WHERE id = ?", (password, room))

    @raises_store_errors
    def set_keep(self, room: int, keep: int | None) -> None:
        self._db.execute("UPDATE room SET keep = ? WHERE id = ?", (keep, room))

    @one_transaction
    def remove_room(self, room: int, at: int) -> None:
        remove_hooks_of(self._db, room, at)
        # No name folds to such a key: names begin with a letter or a digit.
        self._db.execute("UPDATE room SET key = '#' || id, removed = ? WHERE id = ?", (at, room))


def read_rooms(db: apsw.Connection, which: str, *values: int | str) -> list[RoomRecord]:
    """Return the rooms that the SQL clause `which` selects."""
    return [
        replace(RoomRecord(*row[:_COLUMNS]), participants=_participants(*row[_COLUMNS:]))
        for row in db.execute(f"{_ROOMS} {which}", values)
    ]


def last_of_rooms(db: apsw.Connection, rooms: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Return the last seq of each room, and the time of its last message."""
    found = db.execute(
        "SELECT id, last_seq, last_at FROM room WHERE id IN (SELECT value FROM json_each(?))",
        (as_json([*rooms]),),
    )
    return {id: (seq, at) for id, seq, at in found}


def set_last_of_rooms(db: apsw.Connection, last: Mapping[int, tuple[int, int]]) -> None:
    """Record what `last_of_rooms` returns from now on."""
    update_rows(
        db,
        "UPDATE room SET last_seq = each.value ->> 1, last_at = each.value ->> 2"
        " FROM json_each(?) AS each WHERE room.id = each.value ->> 0",
        [(room, *place) for room, place in last.items()],
    )


def _insert_room(
    db: apsw.Connection, key: str, name: str, owner: int | None, password: str, at: int
) -> int:
    room: int | None = db.execute(
        "INSERT INTO room (key, name, owner, password, created) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (key) DO NOTHING RETURNING id",
        (key, name, owner, password, at),
    ).get
    if room is None:
        raise TakenError
    return room


def _participants(*columns: Any) -> tuple[Participant, ...]:
    """Return the participants with these columns: none but in a direct room."""
    if columns[0] is None:
        return ()
    return tuple(
        Participant(account, name, bool(member), bool(removed), bool(blocks))
        for account, name, member, removed, blocks in (columns[:5], columns[5:])
    )
