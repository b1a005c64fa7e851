"""Invitations, to the server or to a room: codes that each work once, kept as digests."""

from typing import Protocol

from chat_server.store.api.audit import AuditDraft


class InviteStore(Protocol):
    """The part of `Store` that keeps invitations; `add_account` and `add_member` use them up."""

    def add_invite(self, digest: bytes, at: int, expires: int) -> None:
        """Allow one registration with the code of this digest, until `expires`.

        Removes those that expired long ago.
        """

    def has_invite(self, digest: bytes, at: int) -> bool:
        """Return whether an invitation to the server is valid at that time."""

    def add_room_invite(self, entry: AuditDraft, digest: bytes, limit: int) -> int | None:
        """Allow one account to join before `entry.until` with the code of this digest.

        Return the id of the audit entry; None if `limit` valid ones exist. So many are kept:
        one that has expired stays until its place is needed.
        """

    def has_room_invite(self, room: int, digest: bytes, at: int) -> bool:
        """Return whether an invitation to `room` is valid at that time."""
