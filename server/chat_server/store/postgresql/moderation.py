"""Kicks, bans and mutes, in PostgreSQL."""

from typing import Final

from chat_server.store.api import AuditDraft, Sanction, SanctionKind
from chat_server.store.postgresql.audit import insert_entry
from chat_server.store.postgresql.guard import Subject, one_transaction, raises_store_errors
from chat_server.store.postgresql.members import delete_member
from chat_server.store.postgresql.queries import Database, change, rows, value

_SANCTIONS: Final = "SELECT room, account, until, reason FROM sanction"


class PostgresqlModeration(Subject):
    @one_transaction
    def kick(self, entry: AuditDraft) -> int | None:
        if not delete_member(self._db, entry.room, entry.target):
            return None
        return insert_entry(self._db, entry)

    @one_transaction
    def impose(self, entry: AuditDraft, kind: SanctionKind, limit: int) -> int | None:
        if not _make_place(self._db, entry, kind, limit):
            return None
        change(
            self._db,
            "INSERT INTO sanction (room, kind, account, until, reason)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (room, kind, account)"
            " DO UPDATE SET (until, reason) = (excluded.until, excluded.reason)",
            (entry.room, kind, entry.target, entry.until, entry.reason),
        )
        if kind == "ban":
            delete_member(self._db, entry.room, entry.target)
        return insert_entry(self._db, entry)

    @one_transaction
    def lift(self, entry: AuditDraft, kind: SanctionKind) -> int | None:
        lifted = (
            "DELETE FROM sanction WHERE room = %s AND kind = %s AND account = %s"
            " AND (until = 0 OR until > %s)"
        )
        if not change(self._db, lifted, (entry.room, kind, entry.target, entry.at)):
            return None
        return insert_entry(self._db, entry)

    @raises_store_errors
    def ban(self, room: int, account: int, at: int) -> Sanction | None:
        which = f"{_SANCTIONS} WHERE room = %s AND kind = 'ban' AND account = %s"
        found = [Sanction(*row) for row in rows(self._db, which, (room, account))]
        return found[0] if found and found[0].holds(at) else None

    @raises_store_errors
    def mutes(self) -> list[Sanction]:
        return [Sanction(*row) for row in rows(self._db, f"{_SANCTIONS} WHERE kind = 'mute'")]


def _make_place(db: Database, entry: AuditDraft, kind: SanctionKind, limit: int) -> bool:
    """Return whether there is place for one more; remove the one that ended first if need be."""
    others = "SELECT count(*) FROM sanction WHERE room = %s AND kind = %s AND account <> %s"
    if value(db, others, (entry.room, kind, entry.target)) < limit:
        return True
    removed = change(
        db,
        "DELETE FROM sanction WHERE (room, kind, account) ="
        " (SELECT room, kind, account FROM sanction WHERE room = %s AND kind = %s"
        " AND until BETWEEN 1 AND %s ORDER BY until LIMIT 1)",
        (entry.room, kind, entry.at),
    )
    return bool(removed)
