"""The audit log, in PostgreSQL."""

from chat_server.store.api import AuditDraft, AuditRecord
from chat_server.store.api.audit import MAX_AUDIT_ENTRIES
from chat_server.store.postgresql.guard import Subject, raises_store_errors
from chat_server.store.postgresql.queries import Database, change, rows, value


class PostgresqlAudit(Subject):
    @raises_store_errors
    def audit_entries(self, room: int, before: int, limit: int) -> list[AuditRecord]:
        return read_entries(self._db, room, before, limit)

    @raises_store_errors
    def remove_old_audit_entries(self, room: int, before: int, limit: int) -> int:
        return change(
            self._db,
            "DELETE FROM audit WHERE id = ANY(ARRAY("
            "SELECT id FROM audit WHERE room = %s AND at < %s LIMIT %s))",
            (room, before, limit),
        )


def insert_entry(db: Database, entry: AuditDraft) -> int:
    """Record `entry`, remove those beyond MAX_AUDIT_ENTRIES, and return its id."""
    number: int = value(
        db,
        "INSERT INTO audit (room, at, by, action, target, until, reason)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
        (entry.room, entry.at, entry.by, entry.action, entry.target, entry.until, entry.reason),
    )
    change(
        db,
        "DELETE FROM audit WHERE room = %(room)s AND id <="
        " (SELECT id FROM audit WHERE room = %(room)s ORDER BY id DESC LIMIT 1 OFFSET %(kept)s)",
        {"room": entry.room, "kept": MAX_AUDIT_ENTRIES},
    )
    return number


def read_entries(db: Database, room: int, before: int, limit: int) -> list[AuditRecord]:
    """Return the newest `limit` entries of `room` with a lower id than `before`, newest first."""
    found = rows(
        db,
        "SELECT audit.id, at, actor.name, action, coalesce(target.name, ''), until, reason"
        " FROM audit JOIN account AS actor ON actor.id = audit.by"
        " LEFT JOIN account AS target ON target.id = audit.target"
        " WHERE room = %s AND audit.id < %s ORDER BY audit.id DESC LIMIT %s",
        (room, before, limit),
    )
    return [AuditRecord(*row) for row in found]
