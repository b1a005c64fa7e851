"""Moderation: kicks, bans and mutes, each with an audit entry in the same transaction."""

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from chat_server.store.api.audit import AuditDraft

SanctionKind: TypeAlias = Literal["ban", "mute"]


@dataclass(frozen=True, slots=True)
class Sanction:
    """A ban, which keeps an account from joining a room, or a mute, from writing in it."""

    room: int
    account: int
    until: int  # milliseconds since 1970, UTC; 0 until lifted
    reason: str

    def holds(self, at: int) -> bool:
        """Return whether it is in force at that time."""
        return not self.until or at < self.until


class ModerationStore(Protocol):
    """The part of `Store` that keeps sanctions.

    The methods that take an AuditDraft return the id of the audit entry, or None
    if nothing was done and nothing recorded.
    """

    def kick(self, entry: AuditDraft) -> int | None:
        """End a membership; None if there is none."""

    def impose(self, entry: AuditDraft, kind: SanctionKind, limit: int) -> int | None:
        """Ban or mute, in place of an earlier one; a ban ends the membership too.

        None if `limit` sanctions of the kind are in force in the room. So many are kept: one
        that has ended stays until its place is needed, since the clock may have been wrong.
        """

    def lift(self, entry: AuditDraft, kind: SanctionKind) -> int | None:
        """End a ban or mute; None if none is in force."""

    def ban(self, room: int, account: int, at: int) -> Sanction | None:
        """Return the ban in force at that time."""

    def mutes(self) -> list[Sanction]:
        """Return all mutes in all rooms, also those that have ended."""
