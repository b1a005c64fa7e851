"""What changed in what the client knows, for the screen to draw."""

from dataclasses import dataclass
from typing import TypeAlias

from chat_shared import messages as m


@dataclass(frozen=True, slots=True)
class RoomsChanged:
    """A room came or went, or its unread count is another."""


@dataclass(frozen=True, slots=True)
class RoomAdded:
    """We are in a room that another of our devices joined: ask what it holds."""

    room: str


@dataclass(frozen=True, slots=True)
class RoomRemoved:
    """We are not in this room any more; `by` somebody, where we did not leave ourselves."""

    room: str
    title: str = ""
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Appended:
    room: str
    lines: tuple[m.Line, ...]


@dataclass(frozen=True, slots=True)
class Prepended:
    room: str
    lines: tuple[m.Line, ...]


@dataclass(frozen=True, slots=True)
class StartedOver:
    """The room's messages are others than before: draw them all again."""

    room: str


@dataclass(frozen=True, slots=True)
class Updated:
    """These messages are other than before: edited, deleted, reacted to, or quoted, now known."""

    room: str
    seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Concerned:
    """Somebody called us by name, wrote to us alone, or spoke where we want to hear all."""

    room: str
    line: m.Line


@dataclass(frozen=True, slots=True)
class TypingChanged:
    """Somebody types in this room; they are not said to stop."""

    room: str
    name: str


@dataclass(frozen=True, slots=True)
class Audited:
    """An owner did something in this room."""

    room: str
    entry: m.AuditEntry


@dataclass(frozen=True, slots=True)
class MembersChanged:
    room: str


@dataclass(frozen=True, slots=True)
class MemberJoined:
    room: str
    name: str


@dataclass(frozen=True, slots=True)
class MemberLeft:
    room: str
    name: str
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OutboxChanged:
    room: str


@dataclass(frozen=True, slots=True)
class PasswordLost:
    """This room was made for us, and the line was lost before its password came."""

    room: str


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something the operator says to everybody."""

    text: str


Change: TypeAlias = (
    RoomsChanged
    | RoomAdded
    | RoomRemoved
    | Appended
    | Prepended
    | StartedOver
    | Updated
    | Concerned
    | TypingChanged
    | Audited
    | MembersChanged
    | MemberJoined
    | MemberLeft
    | OutboxChanged
    | PasswordLost
    | Noticed
)
