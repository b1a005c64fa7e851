"""Removing what is old or deleted, in PostgreSQL.

Each step is a transaction of its own, short enough for a message that waits
behind it. Messages go from the front of their room only, so that no gap opens
among those that stay.
"""

from itertools import takewhile
from typing import Final

from chat_server.store.api import Expiry
from chat_server.store.api.retention import NEVER
from chat_server.store.postgresql.database import APPLICATION
from chat_server.store.postgresql.files import remove_files
from chat_server.store.postgresql.guard import Subject, one_transaction, raises_store_errors
from chat_server.store.postgresql.queries import change, rows, value, values_of
from chat_shared.limits import MAX_SEQ

# Those whose time can be trusted: what is written in the future, the clock has said wrongly.
_OLDEST: Final = (
    "SELECT seq, CASE WHEN at <= %(now)s THEN at ELSE clock END FROM message"
    " WHERE room = %(room)s AND least(at, clock) <= %(now)s ORDER BY seq LIMIT %(limit)s"
)

# What goes before its room does, table by table, the largest first.
_TABLES: Final = ("message", "reaction", "member", "audit", "sanction", "room_invite")
_PURGE: Final = (
    "DELETE FROM {0} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {0} WHERE room = %s LIMIT %s))"
)

_OTHER_PROGRAMS: Final = (
    "SELECT coalesce(nullif(application_name, ''), 'unknown') || ' (' || pid || ')'"
    " FROM pg_stat_activity WHERE datname = current_database() AND application_name <> %s"
    " AND backend_type = 'client backend' ORDER BY 1"
)


class PostgresqlRetention(Subject):
    @raises_store_errors
    def keep_times(self) -> list[tuple[int, int | None]]:
        found = rows(self._db, "SELECT id, keep FROM room WHERE removed IS NULL ORDER BY id")
        return [(room, keep) for room, keep in found]

    @raises_store_errors
    def expiry(self) -> Expiry:
        return Expiry(*rows(self._db, "SELECT time, waited FROM expiry")[0])

    @raises_store_errors
    def set_expiry(self, expiry: Expiry) -> None:
        values = (expiry.time, expiry.waited)
        change(self._db, "UPDATE expiry SET time = %s, waited = %s", values)

    @one_transaction
    def remove_old_messages(self, room: int, before: int, limit: int, now: int = NEVER) -> int:
        oldest = rows(self._db, _OLDEST, {"now": now, "room": room, "limit": limit})
        # Only up to the first young one, wherever a clock set back has put it.
        old = [seq for seq, at in takewhile(lambda row: row[1] < before, oldest)]
        if not old:
            return 0
        # Among them may be some of the future, so that they are more than the limit.
        last: int = value(
            self._db,
            "SELECT max(seq) FROM (SELECT seq FROM message"
            " WHERE room = %s AND seq <= %s ORDER BY seq LIMIT %s) AS oldest",
            (room, old[-1], limit),
        )
        remove_files(self._db, "room = %s AND seq <= %s", room, last)
        gone = "DELETE FROM message WHERE room = %s AND seq <= %s"
        return change(self._db, gone, (room, last))

    @one_transaction
    def remove_orphan_reactions(self, room: int, limit: int) -> int:
        oldest = "SELECT min(seq) FROM message WHERE room = %s"
        first: int | None = value(self._db, oldest, (room,))
        return change(
            self._db,
            "DELETE FROM reaction WHERE id = ANY(ARRAY("
            "SELECT id FROM reaction WHERE room = %s AND seq < %s LIMIT %s))",
            (room, MAX_SEQ if first is None else first, limit),
        )

    @one_transaction
    def purge_removed_rooms(self, before: int, limit: int, now: int = NEVER) -> int:
        change(self._db, "UPDATE room SET removed = %s WHERE removed > %s", (now, now))
        room = value(self._db, "SELECT id FROM room WHERE removed < %s LIMIT 1", (before,))
        if room is None:
            return 0
        for table in _TABLES:
            if removed := change(self._db, _PURGE.format(table), (room, limit)):
                return removed
        some = "id = ANY(ARRAY(SELECT id FROM file WHERE room = %s LIMIT %s))"
        if removed := remove_files(self._db, some, room, limit):
            return removed
        change(self._db, "DELETE FROM room WHERE id = %s", (room,))
        return 1

    @raises_store_errors
    def other_programs(self) -> list[str]:
        return values_of(self._db, _OTHER_PROGRAMS, (APPLICATION,))
