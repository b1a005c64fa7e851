"""What owners did in their rooms, for the members to read: as it happens, and page by page."""

from dataclasses import dataclass

from chat_server.clock import rfc3339
from chat_server.pages import fitting
from chat_server.rooms.room import Room
from chat_server.sessions.session import Account
from chat_server.store.api import AuditDraft, AuditRecord
from chat_server.store.threads import Storage
from chat_shared.limits import MAX_PAGE, MAX_SEQ
from chat_shared.messages import Audited, AuditEntry


@dataclass(frozen=True, slots=True)
class Audit:
    """The list, room by room."""

    storage: Storage

    async def page(self, room: Room, before: int) -> tuple[list[AuditEntry], bool]:
        """Return entries with a lower `id`, newest first, and whether there are more; 0 for all."""
        records = await self.storage.read(
            lambda store: store.audit_entries(room.id, before or MAX_SEQ, MAX_PAGE + 1)
        )
        entries = fitting(map(entry, records[:MAX_PAGE]))
        return entries, len(entries) < len(records)


def audited(room: Room, by: Account, act: AuditDraft, number: int, whom: str = "") -> Audited:
    """Return what members hear of `act`, which was noted under `number`."""
    record = AuditRecord(number, act.at, by.name, act.action, whom, act.until, act.reason)
    return audit_event(room.name, record)


def audit_event(room: str, record: AuditRecord) -> Audited:
    """Return what an owner did, as it was noted, for those who are here."""
    return Audited(room, entry(record))


def entry(record: AuditRecord) -> AuditEntry:
    """Return what an owner did, as members read it."""
    until = rfc3339(record.until) if record.until else ""
    at = rfc3339(record.at)
    return AuditEntry(record.id, at, record.by, record.action, record.target, until, record.reason)
