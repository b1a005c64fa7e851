"""Rooms: their names, owners, topics and passwords, and how long they keep messages."""

from dataclasses import dataclass
from typing import Final, Protocol

from msgspec import Struct

from chat_server.store.api.audit import AuditDraft

GENERAL_ROOM: Final = 1  # the id; every engine makes it with its tables


class Participant(Struct, frozen=True, gc=False):
    """One of the two accounts of a direct room."""

    account: int
    name: str
    member: bool
    removed: bool
    blocks: bool = False  # the other one


@dataclass(frozen=True, slots=True)
class RoomRecord:
    id: int
    name: str
    owner: str
    topic: str
    password: str  # as hashed; empty for a room that cannot be joined by password
    last_seq: int
    removed: bool = False
    keep: int | None = None  # milliseconds; 0 for no end; None as the server does
    last_at: int = 0  # the time of the last message: milliseconds since 1970, UTC
    participants: tuple[Participant, ...] = ()  # the two of a direct room


class RoomStore(Protocol):
    """The part of `Store` that keeps rooms. `key` is the folded name."""

    def rooms(self) -> list[RoomRecord]:
        """Return every room, the general one first, with removed ones not purged yet."""

    def shared_rooms(self) -> list[RoomRecord]:
        """Return every room that is neither direct nor removed, the general one first."""

    def add_room(self, key: str, name: str, owner: int, password: str, at: int) -> RoomRecord:
        """Add a room with its owner as its only member. Raises TakenError, GoneError."""

    def add_unowned_room(self, key: str, name: str, password: str, at: int) -> None:
        """Add a room without an owner and without members. Raises TakenError."""

    def set_topic(self, entry: AuditDraft, topic: str) -> int:
        """Set the topic; return the id of the audit entry."""

    def renew_room_password(self, entry: AuditDraft, password: str) -> int:
        """Set the password (as hashed) for an owner; return the id of the audit entry."""

    def set_room_password(self, room: int, password: str) -> None:
        """Set the password (as hashed) for the operator, without an audit entry."""

    def set_keep(self, room: int, keep: int | None) -> None:
        """Set how long messages of `room` are kept, as `RoomRecord.keep`."""

    def remove_room(self, room: int, at: int) -> None:
        """Delete `room` and free its name. Its rows go later, by `purge_removed_rooms`."""
