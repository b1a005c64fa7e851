"""Memberships: who is a member of which room."""

from dataclasses import dataclass
from typing import Protocol

from chat_server.store.api.audit import AuditRecord


@dataclass(frozen=True, slots=True)
class MemberRecord:
    account: int
    name: str
    away: str
    seen: int  # when the last device disconnected, in milliseconds since 1970, UTC; 0 for never
    guest: bool = False


class MemberStore(Protocol):
    """The part of `Store` that keeps memberships. `kick` and `leave` end them."""

    def add_member(
        self, room: int, account: int, at: int, invite: bytes | None = None
    ) -> AuditRecord | None:
        """Make `account` a member; use up `invite` if given, and return the audit entry.

        Raises InvalidInviteError, GoneError.
        """

    def is_member(self, room: int, account: int) -> bool: ...

    def members(self, room: int, after: str, limit: int) -> list[MemberRecord]:
        """Return the next `limit` members behind the key `after`, by key."""

    def has_members(self, room: int, number: int) -> bool:
        """Return whether `room` has `number` members at least. Counts no further than that."""

    def rooms_of(self, account: int) -> list[int]:
        """Return the ids of the rooms that `account` is a member of, in order."""
