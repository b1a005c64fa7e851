"""The audit log, in SQLite."""

import apsw

from chat_server.store.api import AuditDraft, AuditRecord
from chat_server.store.api.audit import MAX_AUDIT_ENTRIES
from chat_server.store.sqlite.guard import Subject, raises_store_errors


class SqliteAudit(Subject):
    @raises_store_errors
    def audit_entries(self, room: int, before: int, limit: int) -> list[AuditRecord]:
        return read_entries(self._db, room, before, limit)

    @raises_store_errors
    def remove_old_audit_entries(self, room: int, before: int, limit: int) -> int:
        self._db.execute(
            "DELETE FROM audit WHERE id IN"
            " (SELECT id FROM audit WHERE room = ? AND at < ? LIMIT ?)",
            (room, before, limit),
        )
        return self._db.changes()


def insert_entry(db: apsw.Connection, entry: AuditDraft) -> int:
    """Record `entry`, remove those beyond MAX_AUDIT_ENTRIES, and return its id."""
    number: int = db.execute(
        "INSERT INTO audit (room, at, by, action, target, until, reason)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (entry.room, entry.at, entry.by, entry.action, entry.target, entry.until, entry.reason),
    ).get
    db.execute(
        "DELETE FROM audit WHERE room = ?1 AND id <="
        " (SELECT id FROM audit WHERE room = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
        (entry.room, MAX_AUDIT_ENTRIES),
    )
    return number


def read_entries(db: apsw.Connection, room: int, before: int, limit: int) -> list[AuditRecord]:
    """Return the newest `limit` entries of `room` with a lower id than `before`, newest first."""
    rows = db.execute(
        "SELECT audit.id, at, actor.name, action, coalesce(target.name, ''), until, reason"
        " FROM audit JOIN account AS actor ON actor.id = audit.by"
        " LEFT JOIN account AS target ON target.id = audit.target"
        " WHERE room = ? AND audit.id < ? ORDER BY audit.id DESC LIMIT ?",
        (room, before, limit),
    )
    return [AuditRecord(*row) for row in rows]
