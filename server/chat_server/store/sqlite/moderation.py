"""Kicks, bans and mutes, in SQLite."""

import apsw

from chat_server.store.api import AuditDraft, Sanction, SanctionKind
from chat_server.store.sqlite.audit import insert_entry
from chat_server.store.sqlite.guard import Subject, one_transaction, raises_store_errors
from chat_server.store.sqlite.members import delete_member


class SqliteModeration(Subject):
    @one_transaction
    def kick(self, entry: AuditDraft) -> int | None:
        if not delete_member(self._db, entry.room, entry.target):
            return None
        return insert_entry(self._db, entry)

    @one_transaction
    def impose(self, entry: AuditDraft, kind: SanctionKind, limit: int) -> int | None:
        if not _make_place(self._db, entry, kind, limit):
            return None
        self._db.execute(
            "INSERT OR REPLACE INTO sanction VALUES (?, ?, ?, ?, ?)",
            (entry.room, kind, entry.target, entry.until, entry.reason),
        )
        if kind == "ban":
            delete_member(self._db, entry.room, entry.target)
        return insert_entry(self._db, entry)

    @one_transaction
    def lift(self, entry: AuditDraft, kind: SanctionKind) -> int | None:
        self._db.execute(
            "DELETE FROM sanction WHERE room = ? AND kind = ? AND account = ?"
            " AND (until = 0 OR until > ?)",
            (entry.room, kind, entry.target, entry.at),
        )
        if not self._db.changes():
            return None
        return insert_entry(self._db, entry)

    @raises_store_errors
    def ban(self, room: int, account: int, at: int) -> Sanction | None:
        where = "room = ? AND kind = 'ban' AND account = ?"
        found = _sanctions(self._db, where, room, account)
        return found[0] if found and found[0].holds(at) else None

    @raises_store_errors
    def mutes(self) -> list[Sanction]:
        return _sanctions(self._db, "kind = 'mute'")


def _make_place(db: apsw.Connection, entry: AuditDraft, kind: SanctionKind, limit: int) -> bool:
    """Return whether there is place for one more; remove the one that ended first if need be."""
    others = "SELECT count(*) FROM sanction WHERE room = ? AND kind = ? AND account <> ?"
    if db.execute(others, (entry.room, kind, entry.target)).get < limit:
        return True
    db.execute(
        "DELETE FROM sanction WHERE room = ?1 AND kind = ?2 AND account ="
        " (SELECT account FROM sanction WHERE room = ?1 AND kind = ?2"
        " AND until BETWEEN 1 AND ?3 ORDER BY until LIMIT 1)",
        (entry.room, kind, entry.at),
    )
    return bool(db.changes())


def _sanctions(db: apsw.Connection, which: str, *values: int) -> list[Sanction]:
    found = "SELECT room, account, until, reason FROM sanction"
    rows = db.execute(f"{found} WHERE {which}", values)
    return [Sanction(*row) for row in rows]
