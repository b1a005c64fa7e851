"""The audit log: what owners have done in their rooms."""

from dataclasses import dataclass
from typing import Final, Protocol

# Entries kept of a room. Owners are bounded by their rate alone, and a room must not
# grow by moderation while nobody writes in it.
MAX_AUDIT_ENTRIES: Final = 1_000


@dataclass(frozen=True, slots=True)
class AuditDraft:
    """An audit entry about to be recorded."""

    room: int
    by: int
    action: str  # the type of the request
    at: int  # milliseconds since 1970, UTC
    target: int | None = None  # the account that the action is about
    until: int = 0  # likewise; 0 for no end
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """A recorded audit entry, under an id that only goes up and is never reused."""

    id: int
    at: int
    by: str
    action: str
    target: str
    until: int
    reason: str


class AuditStore(Protocol):
    """The part of `Store` that reads and trims the audit log; other subjects write it."""

    def audit_entries(self, room: int, before: int, limit: int) -> list[AuditRecord]:
        """Return the newest `limit` entries with a lower id than `before`, newest first."""

    def remove_old_audit_entries(self, room: int, before: int, limit: int) -> int:
        """Remove up to `limit` entries from before that time; return how many."""
