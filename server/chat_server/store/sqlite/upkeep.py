"""What the operator and the house itself do to the store, beside what members do.

Deleting is done in bounded steps: each is a transaction of its own, short
enough for a post that waits behind it. Messages go from the front of their
room only, so that what is left is always without holes. What each method
promises stands at `Store`.
"""

from itertools import takewhile
from typing import Final

import apsw

from chat_server.store.api import AccountSummary, RoomSummary, StoreFigures, TakenError, Transfer
from chat_server.store.sqlite.guard import one_transaction, raises_store_errors
from chat_server.store.sqlite.moderation import transfer
from chat_server.store.sqlite.transaction import transaction
from chat_server.store.sqlite.wal import empty_log
from chat_shared.limits import MAX_SEQ

# What goes before a room does, table by table, the most of it first.
_SWEEPS: Final = (
    "DELETE FROM message WHERE id IN (SELECT id FROM message WHERE room = ? LIMIT ?)",
    "DELETE FROM reaction WHERE id IN (SELECT id FROM reaction WHERE room = ? LIMIT ?)",
    (
        "DELETE FROM member WHERE room = ?1"
        " AND account IN (SELECT account FROM member WHERE room = ?1 LIMIT ?2)"
    ),
    "DELETE FROM act WHERE id IN (SELECT id FROM act WHERE room = ? LIMIT ?)",
    (
        "DELETE FROM sanction WHERE room = ?1"
        " AND account IN (SELECT account FROM sanction WHERE room = ?1 LIMIT ?2)"
    ),
    (
        "DELETE FROM room_invite WHERE digest IN"
        " (SELECT digest FROM room_invite WHERE room = ? LIMIT ?)"
    ),
)


class SqliteUpkeep:
    """The part of `SqliteStore` that no member's request needs."""

    _db: apsw.Connection

    # --- accounts

    @raises_store_errors
    def account_summaries(self, after: str, limit: int) -> list[AccountSummary]:
        rows = self._db.execute(
            "SELECT name, created, locked IS NOT NULL,"
            " (SELECT count(*) FROM member WHERE account = id),"
            " (SELECT count(*) FROM token WHERE account = id)"
            " FROM account WHERE key > ? AND removed IS NULL ORDER BY key LIMIT ?",
            (after, limit),
        )
        return [
            AccountSummary(name, created, bool(locked), rooms, devices)
            for name, created, locked, rooms, devices in rows
        ]

    @raises_store_errors
    def set_locked(self, account: int, at: int | None) -> None:
        self._db.execute("UPDATE account SET locked = ? WHERE id = ?", (at, account))

    @raises_store_errors
    def revoke_tokens(self, account: int) -> None:
        self._db.execute("DELETE FROM token WHERE account = ?", (account,))

    @one_transaction
    def remove_account(self, account: int, at: int) -> list[Transfer]:
        self._db.execute("DELETE FROM token WHERE account = ?", (account,))
        self._db.execute("DELETE FROM member WHERE account = ?", (account,))
        self._db.execute("DELETE FROM block WHERE account = ?1 OR blocked = ?1", (account,))
        self._db.execute(
            "UPDATE account SET password = '', removed = ? WHERE id = ?", (at, account)
        )
        return transfer(self._db, account)

    # --- rooms

    @raises_store_errors
    def room_summaries(self) -> list[RoomSummary]:
        rows = self._db.execute(
            # What is kept is without holes, so its first and last number count it.
            "SELECT room.name, coalesce(account.name, ''),"
            " (SELECT count(*) FROM member WHERE room = room.id),"
            " coalesce(1 + last_seq - (SELECT min(seq) FROM message WHERE room = room.id), 0),"
            " keep FROM room LEFT JOIN account ON account.id = owner"
            " WHERE room.removed IS NULL ORDER BY room.id"
        )
        return [RoomSummary(*row) for row in rows]

    @raises_store_errors
    def set_room_password(self, room: int, password: str) -> None:
        self._db.execute("UPDATE room SET password = ? WHERE id = ?", (password, room))

    @raises_store_errors
    def add_unowned_room(self, key: str, name: str, password: str, at: int) -> None:
        added = self._db.execute(
            "INSERT INTO room (key, name, password, created) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (key) DO NOTHING RETURNING id",
            (key, name, password, at),
        ).get
        if added is None:
            raise TakenError

    @raises_store_errors
    def set_keep(self, room: int, keep: int | None) -> None:
        self._db.execute("UPDATE room SET keep = ? WHERE id = ?", (keep, room))

    @raises_store_errors
    def remove_room(self, room: int, at: int) -> None:
        # No name folds to a key that begins so: names begin with a letter or a digit.
        self._db.execute("UPDATE room SET key = '#' || id, removed = ? WHERE id = ?", (at, room))

    @raises_store_errors
    def add_invite(self, digest: bytes, at: int, expires: int) -> None:
        with transaction(self._db):
            self._db.execute("DELETE FROM invite WHERE expires <= ?", (at,))
            self._db.execute("INSERT INTO invite VALUES (?, ?)", (digest, expires))

    # --- bounded steps

    @raises_store_errors
    def keep_times(self) -> list[tuple[int, int | None]]:
        return [
            (room, keep)
            for room, keep in self._db.execute("SELECT id, keep FROM room WHERE removed IS NULL")
        ]

    @raises_store_errors
    def remove_old_messages(self, room: int, before: int, most: int) -> int:
        oldest = list(
            self._db.execute(
                "SELECT seq, at FROM message WHERE room = ? ORDER BY seq LIMIT ?", (room, most)
            )
        )
        # Only up to the first young one, wherever a clock set back has put it.
        old = [seq for seq, at in takewhile(lambda row: row[1] < before, oldest)]
        if old:
            self._db.execute("DELETE FROM message WHERE room = ? AND seq <= ?", (room, old[-1]))
        return len(old)

    @raises_store_errors
    def remove_orphan_reactions(self, room: int, most: int) -> int:
        first: int | None = self._db.execute(
            "SELECT min(seq) FROM message WHERE room = ?", (room,)
        ).get
        return self._remove_reactions(room, MAX_SEQ if first is None else first, most)

    @raises_store_errors
    def erase_deleted(self) -> None:
        empty_log(self._db)

    @raises_store_errors
    def purge_removed_rooms(self, before: int, most: int) -> int:
        room = self._db.execute("SELECT id FROM room WHERE removed < ?", (before,)).get
        if room is None:
            return 0
        for statement in _SWEEPS:
            self._db.execute(statement, (room, most))
            if removed := self._db.changes():
                return removed
        self._db.execute("DELETE FROM room WHERE id = ?", (room,))
        return 1

    def _remove_reactions(self, room: int, before: int, most: int) -> int:
        self._db.execute(
            "DELETE FROM reaction WHERE id IN"
            " (SELECT id FROM reaction WHERE room = ? AND seq < ? LIMIT ?)",
            (room, before, most),
        )
        return self._db.changes()

    # --- figures

    @raises_store_errors
    def figures(self) -> StoreFigures:
        accounts = self._db.execute("SELECT count(*) FROM account WHERE removed IS NULL").get
        rooms = self._db.execute("SELECT count(*) FROM room WHERE removed IS NULL").get
        return StoreFigures(
            accounts, rooms, self._db.pragma("page_count") * self._db.pragma("page_size")
        )
