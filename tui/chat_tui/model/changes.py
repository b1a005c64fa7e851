"""Changes in the client's state, for its front end to show."""

from dataclasses import dataclass
from typing import TypeAlias

from chat_shared import messages as m


@dataclass(frozen=True, slots=True)
class RoomsChanged:
    """A room was added or removed, or its unread count changed."""


@dataclass(frozen=True, slots=True)
class RoomAdded:
    """Another of our devices joined this room: load it."""

    room: str


@dataclass(frozen=True, slots=True)
class RoomRemoved:
    """Our membership ended; `left` is how, as far as the server said."""

    room: str
    title: str = ""
    left: m.Left | None = None


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
    """The room's messages were replaced: draw them all again."""

    room: str


@dataclass(frozen=True, slots=True)
class HistoryLost:
    """The server was restored: numbers that this room's messages had may be those of others."""

    room: str


@dataclass(frozen=True, slots=True)
class LoadingEnded:
    """The server does not send messages that it has, or sent; they are not requested again."""

    room: str


@dataclass(frozen=True, slots=True)
class Updated:
    """These messages changed: edited, deleted, reacted to, or their quote became known."""

    room: str
    seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NotificationDue:
    """A mention, a direct message, or a message in a room with all notifications on."""

    room: str
    line: m.Line


@dataclass(frozen=True, slots=True)
class TypingChanged:
    """Someone is typing in this room. There is no event for when they stop."""

    room: str
    name: str


@dataclass(frozen=True, slots=True)
class Audited:
    """A moderation action happened in this room."""

    room: str
    entry: m.AuditEntry


@dataclass(frozen=True, slots=True)
class AuditLoaded:
    """Earlier moderation actions of this room have arrived."""

    room: str


@dataclass(frozen=True, slots=True)
class MembersChanged:
    room: str


@dataclass(frozen=True, slots=True)
class MemberJoined:
    room: str
    name: str
    guest: bool = False


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
class TransfersChanged:
    """Files on their way are further than before, or there, or cancelled."""


@dataclass(frozen=True, slots=True)
class PasswordLost:
    """Our room was created, but the connection was lost before its password came."""

    room: str


@dataclass(frozen=True, slots=True)
class Noticed:
    """A notice of the operator to everyone."""

    text: str


Change: TypeAlias = (
    RoomsChanged
    | RoomAdded
    | RoomRemoved
    | Appended
    | Prepended
    | StartedOver
    | HistoryLost
    | LoadingEnded
    | Updated
    | NotificationDue
    | TypingChanged
    | Audited
    | AuditLoaded
    | MembersChanged
    | MemberJoined
    | MemberLeft
    | OutboxChanged
    | TransfersChanged
    | PasswordLost
    | Noticed
)
