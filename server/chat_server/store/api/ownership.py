"""Ownership of rooms: handed over, left to a successor, or set by the operator."""

from dataclasses import dataclass
from typing import Protocol

from chat_server.store.api.audit import AuditDraft


@dataclass(frozen=True, slots=True)
class Transfer:
    """The new owner of a room whose owner has left; None if no member is left."""

    room: int
    account: int | None
    name: str
    audit_id: int = 0  # of its audit entry, if there is one


class OwnershipStore(Protocol):
    """The part of `Store` that moves rooms from owner to owner.

    A new owner is neither banned nor muted in the room.
    """

    def hand_over(self, entry: AuditDraft) -> int | None:
        """Make the member `entry.target` the owner; return the id of the audit entry.

        None if that is no member.
        """

    def leave(self, entry: AuditDraft, successor: int | None) -> Transfer | None:
        """End the membership of `entry.by`; return the transfer of the room if it was the owner.

        The room goes to `successor`, or to the oldest member where that is no member.
        """

    def set_owner(self, room: int, account: int, at: int) -> None:
        """Make `account` a member and the owner, without an audit entry. Raises GoneError."""
