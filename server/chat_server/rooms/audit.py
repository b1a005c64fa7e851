"""The audit log of a room, which its members can read, and its events."""

from dataclasses import dataclass

from chat_server.clock import rfc3339
from chat_server.pages import fit_page
from chat_server.rooms.room import Room
from chat_server.sessions.session import Account
from chat_server.store.api import AuditDraft, AuditRecord
from chat_server.store.threads import Storage
from chat_shared.limits import MAX_PAGE, MAX_SEQ
from chat_shared.messages import Audited, AuditEntry


@dataclass(frozen=True, slots=True)
class Audit:
    """The audit logs of all rooms."""

    storage: Storage

    async def page(self, room: Room, before: int) -> tuple[list[AuditEntry], bool]:
        """Return entries with an id lower than `before`, newest first, and whether more exist.

        0 stands for the newest.
        """
        records = await self.storage.read(
            lambda store: store.audit_entries(room.id, before or MAX_SEQ, MAX_PAGE + 1)
        )
        entries = fit_page(map(audit_entry, records[:MAX_PAGE]))
        return entries, len(entries) < len(records)


def audit_event(room: Room, by: Account, draft: AuditDraft, id: int, target: str = "") -> Audited:
    """Return the event for members that `draft` was stored under `id`."""
    record = AuditRecord(id, draft.at, by.name, draft.action, target, draft.until, draft.reason)
    return recorded_audit_event(room.name, record)


def recorded_audit_event(room: str, record: AuditRecord) -> Audited:
    """Return the event for members that `record` was stored."""
    return Audited(room, audit_entry(record))


def audit_entry(record: AuditRecord) -> AuditEntry:
    """Return `record` as the wire has it."""
    until = rfc3339(record.until) if record.until else ""
    at = rfc3339(record.at)
    return AuditEntry(record.id, at, record.by, record.action, record.target, until, record.reason)
