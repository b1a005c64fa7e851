"""Invitations, to the server or to a room: codes that each work once, kept as digests.

The operator makes those to the server, members those to their rooms. One to a room works while
its author is a member and not locked: it goes when they leave, in whatever way.
"""

from dataclasses import dataclass
from typing import Protocol

from chat_server.store.api.audit import AuditDraft


@dataclass(frozen=True, slots=True)
class InviteRecord:
    """An unused invitation to a room, under an id that is never reused."""

    id: int
    by: str  # its author's name
    created: int  # milliseconds since 1970, UTC; likewise `expires`
    expires: int
    guests: int = 0  # how many it lets in at a time, as guests; 0 for one that is for one person


class InviteStore(Protocol):
    """The part of `Store` that keeps invitations.

    `add_invited_account` and `add_member` use them up.
    """

    def add_invite(self, digest: bytes, at: int, expires: int) -> None:
        """Allow one registration with the code of this digest, until `expires`.

        Removes those that expired long ago.
        """

    def has_invite(self, digest: bytes, at: int) -> bool:
        """Return whether an invitation to the server is valid at that time."""

    def add_room_invite(
        self,
        entry: AuditDraft,
        digest: bytes,
        limit: int,
        own_limit: int | None = None,
        guests: int = 0,
    ) -> int:
        """Allow one person to join before `entry.until` with the code of this digest.

        Or, if given, so many `guests` at a time.

        Return the id of the audit entry. Raises InvitesFullError("room") if the room has `limit`
        valid ones, and InvitesFullError("author") if `entry.by` has `own_limit` in all rooms.
        One that has expired stays until its place in the room is needed.
        """

    def invited_room(self, digest: bytes, at: int) -> int | None:
        """Return the room of the invitation with this digest, if one is valid at that time.

        Not of one for guests.
        """

    def room_invites(self, room: int, by: int | None, at: int) -> list[InviteRecord]:
        """Return the invitations to `room` that are valid at that time, oldest first.

        Only those of the account `by`, unless that is None.
        """

    def remove_room_invite(self, entry: AuditDraft, id: int, by: int | None) -> tuple[int, str]:
        """Remove an invitation to `entry.room`; return the audit entry's id and the author's name.

        Only one of the account `by`, unless that is None. Raises InvalidInviteError.
        """
