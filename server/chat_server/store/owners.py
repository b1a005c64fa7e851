"""What the owners of rooms do, as the store keeps it, and what it promises them."""

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

Kind: TypeAlias = Literal["ban", "mute"]


@dataclass(frozen=True, slots=True)
class AuditDraft:
    """Something that an owner is about to do in a room, to somebody or to nobody."""

    room: int
    by: int
    action: str  # the type of the request
    at: int  # milliseconds since 1970, UTC
    whom: int | None = None
    until: int = 0  # likewise; 0 for good
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """What was done, under a number that goes up and is given once."""

    id: int
    at: int
    by: str
    action: str
    whom: str
    until: int
    reason: str


@dataclass(frozen=True, slots=True)
class Sanction:
    """That an account may not join a room, or not write in it."""

    room: int
    account: int
    until: int  # milliseconds since 1970, UTC; 0 for good
    reason: str

    def holds(self, at: int) -> bool:
        """Say whether it has not ended by then."""
        return not self.until or at < self.until


@dataclass(frozen=True, slots=True)
class Succession:
    """Who owns a room now that its owner has gone; nobody, where nobody is left."""

    room: int
    account: int | None
    name: str
    act: int = 0  # the number under which it was noted, if it was


class OwnersStore(Protocol):
    """The part of `Store` that owners need. Acts are noted in the same transaction.

    Where a method returns None for the number of an act, nothing was done.
    """

    def set_topic(self, act: AuditDraft, topic: str) -> int: ...

    def renew_room_password(self, act: AuditDraft, password: str) -> int:
        """Set the room's password (as hashed)."""

    def add_room_invite(self, act: AuditDraft, digest: bytes, most: int) -> int | None:
        """Let one join before `act.until` by the code of this digest.

        None if `most` wait to be used.
        """

    def has_room_invite(self, room: int, digest: bytes, at: int) -> bool:
        """Whether an invitation to `room` can be used at that time."""

    def is_member(self, room: int, account: int) -> bool: ...

    def kick(self, act: AuditDraft) -> int | None:
        """End a membership; None if there is none."""

    def impose(self, act: AuditDraft, kind: Kind, most: int) -> int | None:
        """Ban or mute, in place of what held before; a ban ends the membership too.

        None if so many of the kind hold in the room.
        """

    def lift(self, act: AuditDraft, kind: Kind) -> int | None:
        """End a ban or mute; None if none holds."""

    def ban(self, room: int, account: int, at: int) -> Sanction | None:
        """The one that holds at that time."""

    def mutes(self, at: int) -> list[Sanction]:
        """Those that hold at that time, in all rooms."""

    def hand_over(self, act: AuditDraft) -> int | None:
        """Let a member own the room, neither banned nor muted; None if they are none."""

    def leave(self, act: AuditDraft, heir: int | None) -> Succession | None:
        """End the membership of `act.by`; return what became of the room, if it was theirs.

        It goes to `heir`, or to the oldest member where that is none.
        """

    def set_owner(self, room: int, account: int, at: int) -> None:
        """Let `account` own the room, a member, neither banned nor muted."""

    def acts(self, room: int, before: int, limit: int) -> list[AuditRecord]:
        """The newest `limit` with a lower number than `before`, newest first."""

    def remove_old_acts(self, room: int, before: int, most: int) -> int:
        """Forget up to `most` from before then; return how many that were."""
