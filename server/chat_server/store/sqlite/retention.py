"""Removing what is old or deleted, in SQLite.

Each step is a transaction of its own, short enough for a message that waits
behind it. Messages go from the front of their room only, so that no gap opens
among those that stay.
"""

from itertools import takewhile
from pathlib import Path
from typing import Final

from chat_server.store.api import Expiry
from chat_server.store.api.retention import NEVER
from chat_server.store.sqlite.guard import Subject, one_transaction, raises_store_errors
from chat_server.store.sqlite.readers import programs_using
from chat_shared.limits import MAX_SEQ

# Those whose time can be trusted: what is written in the future, the clock has said wrongly.
_OLDEST: Final = (
    "SELECT seq, iif(at <= ?, at, clock) FROM message"
    " WHERE room = ? AND min(at, coalesce(clock, at)) <= ? ORDER BY seq LIMIT ?"
)

# What goes before its room does, table by table, the largest first.
_PURGES: Final = (
    "DELETE FROM message WHERE id IN (SELECT id FROM message WHERE room = ? LIMIT ?)",
    "DELETE FROM reaction WHERE id IN (SELECT id FROM reaction WHERE room = ? LIMIT ?)",
    (
        "DELETE FROM member WHERE room = ?1"
        " AND account IN (SELECT account FROM member WHERE room = ?1 LIMIT ?2)"
    ),
    "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE room = ? LIMIT ?)",
    (
        "DELETE FROM sanction WHERE room = ?1"
        " AND account IN (SELECT account FROM sanction WHERE room = ?1 LIMIT ?2)"
    ),
    ("DELETE FROM room_invite WHERE id IN (SELECT id FROM room_invite WHERE room = ? LIMIT ?)"),
)


class SqliteRetention(Subject):
    @raises_store_errors
    def keep_times(self) -> list[tuple[int, int | None]]:
        return list(self._db.execute("SELECT id, keep FROM room WHERE removed IS NULL"))

    @raises_store_errors
    def expiry(self) -> Expiry:
        return Expiry(*self._db.execute("SELECT time, waited FROM expiry").get)

    @raises_store_errors
    def set_expiry(self, expiry: Expiry) -> None:
        values = (expiry.time, expiry.waited)
        self._db.execute("UPDATE expiry SET (time, waited) = (?, ?)", values)

    @one_transaction
    def remove_old_messages(self, room: int, before: int, limit: int, now: int = NEVER) -> int:
        oldest = self._db.execute(_OLDEST, (now, room, now, limit))
        # Only up to the first young one, wherever a clock set back has put it.
        old = [seq for seq, at in takewhile(lambda row: row[1] < before, oldest)]
        if not old:
            return 0
        self._db.execute(
            "DELETE FROM message WHERE id IN"
            " (SELECT id FROM message WHERE room = ? AND seq <= ? ORDER BY seq LIMIT ?)",
            (room, old[-1], limit),
        )
        return self._db.changes()

    @one_transaction
    def remove_orphan_reactions(self, room: int, limit: int) -> int:
        oldest = "SELECT min(seq) FROM message WHERE room = ?"
        first: int | None = self._db.execute(oldest, (room,)).get
        self._db.execute(
            "DELETE FROM reaction WHERE id IN"
            " (SELECT id FROM reaction WHERE room = ? AND seq < ? LIMIT ?)",
            (room, MAX_SEQ if first is None else first, limit),
        )
        return self._db.changes()

    @one_transaction
    def purge_removed_rooms(self, before: int, limit: int, now: int = NEVER) -> int:
        self._db.execute("UPDATE room SET removed = ?1 WHERE removed > ?1", (now,))
        room = self._db.execute("SELECT id FROM room WHERE removed < ? LIMIT 1", (before,)).get
        if room is None:
            return 0
        for statement in _PURGES:
            self._db.execute(statement, (room, limit))
            if removed := self._db.changes():
                return removed
        self._db.execute("DELETE FROM room WHERE id = ?", (room,))
        return 1

    def other_programs(self) -> list[str]:
        return programs_using(Path(self._db.filename))
