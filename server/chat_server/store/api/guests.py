"""Guests: temporary accounts, each in the one room of the invitation that it was created by.

A guest's account ends like a deleted one: its messages stay, and so does its name.
"""

from dataclasses import dataclass
from typing import Protocol

from chat_server.store.api.accounts import AccountRecord
from chat_server.store.api.audit import AuditRecord


@dataclass(frozen=True, slots=True)
class GuestCounts:
    """How many guests there may be at a time."""

    by_invite: int
    in_room: int


class GuestStore(Protocol):
    """The part of `Store` that keeps guests. An invitation for guests is not used up."""

    def guest_room(self, digest: bytes, at: int) -> int | None:
        """Return the room of the invitation for guests with this digest, if one is valid then."""

    def add_guest(
        self, key: str, name: str, at: int, until: int, invite: bytes, most: GuestCounts
    ) -> tuple[AccountRecord, AuditRecord]:
        """Add an account in the room of `invite`, and in no other; return the audit entry as well.

        Raises InvalidInviteError, FullError, TakenError.
        """

    def keep_guest(
        self, account: int, password: str, at: int, invite: bytes | None = None
    ) -> list[AuditRecord]:
        """Make a guest's account an ordinary one, which is a member of the general room.

        If given, `invite` is used up, and one to a room makes it a member there. Returns the
        audit entries, that of its own room first. Raises GoneError if it is no guest (any more),
        InvalidInviteError.
        """

    def has_guests(self) -> bool:
        """Return whether there are guests whose account has not ended."""

    def ended_guests(self, at: int) -> list[AccountRecord]:
        """Return the guests whose time was over at `at`, or who are in no room any more."""

    def absent_guests(self, invite: bytes, before: int, *, in_room: bool) -> list[AccountRecord]:
        """Return the guests by an invitation, or in its room, who were last online before then.

        Those who have been away for longest come first. Some may be online now.
        """

    def remove_guest(self, account: int, at: int) -> bool:
        """Delete a guest's account as `remove_account` does; return whether it still was one."""
