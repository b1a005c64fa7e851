"""Replies of a server, each to the request `re`, and the structures in them."""

from collections.abc import Mapping
from typing import ClassVar

from msgspec import Struct

from chat_shared.frames import Count, Id, ReplyFrame, Seq, ServerFrame, State, Time

# --- structures ---------------------------------------------------------------------


class RoomInfo(Struct, frozen=True, gc=False, omit_defaults=True):
    """A room as `welcome` lists it: its last message, and the last one that was read."""

    room: str
    owner: str
    last_seq: Seq
    read_seq: Seq
    unread: Count = 0  # messages of others after `read_seq`, counted up to MAX_COUNTED
    mentions: Count = 0  # those of them that mention us
    peer: str = ""  # in direct messages, the other participant


class Reaction(Struct, frozen=True, gc=False, omit_defaults=True):
    emoji: str
    count: Count
    names: list[str]  # of the first MAX_REACTORS
    mine: bool = False


class Line(Struct, frozen=True, gc=False, omit_defaults=True):
    """One message as it is now; or, where there is a `change`, the change to `of`."""

    seq: Seq
    author: str
    text: str
    at: Time
    reply: Seq = 0
    edited: Time = ""
    deleted: bool = False
    reactions: tuple[Reaction, ...] = ()
    change: str = ""  # edit, delete or react
    of: Seq = 0
    mentions: list[str] | None = None  # as in `Posted`


class Member(Struct, frozen=True, gc=False, omit_defaults=True):
    name: str
    online: bool
    away: str = ""
    seen: Time = ""  # when the last device disconnected, for a member who is offline


class Hit(Struct, frozen=True, gc=False, omit_defaults=True):
    """A search result. `marks` are the matches: start and end, in characters."""

    id: int
    room: str
    seq: Seq
    author: str
    text: str
    at: Time
    marks: list[tuple[int, int]] = []


class SessionInfo(Struct, frozen=True, gc=False):
    """A log-in on one device, for as long as its token is valid: `session` names it."""

    session: str
    created: Time
    seen: Time  # when it last logged in or resumed
    current: bool


class AuditEntry(Struct, frozen=True, gc=False, omit_defaults=True):
    """An owner's action in a room, and its target."""

    id: int
    at: Time
    by: str
    action: str  # the type of the request: kick, ban, topic, …
    name: str = ""
    until: Time = ""
    reason: str = ""


# --- replies ---------------------------------------------------------------------------


class Welcome(ReplyFrame, frozen=True, gc=False):
    legal: ClassVar[Mapping[State, State]] = {State.GREETED: State.LOGGED_IN}

    account: str
    token: str
    rooms: list[RoomInfo]
    away: str = ""


class Accepted(ReplyFrame, frozen=True, gc=False):
    room: str
    seq: Seq
    at: Time


class Created(ReplyFrame, frozen=True, gc=False):
    room: str
    password: str


class Joined(ReplyFrame, frozen=True, gc=False, omit_defaults=False):
    room: str
    topic: str
    owner: str
    last_seq: Seq
    members: list[Member]
    more: bool = False
    read_seq: Seq = 0
    unread: Count = 0
    mentions: Count = 0
    peer: str = ""
    muted: bool = False  # we may not write here
    muted_until: Time = ""  # until then; empty until someone unmutes us


class Ok(ReplyFrame, frozen=True, gc=False):
    pass


class Page(ReplyFrame, frozen=True, gc=False, omit_defaults=False):
    room: str
    messages: list[Line]
    more: bool


class Lines(ReplyFrame, frozen=True, gc=False):
    """Those of the requested messages that exist."""

    room: str
    messages: list[Line]


class Found(ReplyFrame, frozen=True, gc=False):
    hits: list[Hit]
    more: bool


class MemberPage(ReplyFrame, frozen=True, gc=False, omit_defaults=False, tag="members"):
    room: str
    members: list[Member]
    more: bool = False


class SessionList(ReplyFrame, frozen=True, gc=False, omit_defaults=False, tag="sessions"):
    sessions: list[SessionInfo]


class BlockedList(ReplyFrame, frozen=True, gc=False, omit_defaults=False, tag="blocked"):
    names: list[str]


class RoomPassword(ReplyFrame, frozen=True, gc=False, tag="room_password"):
    room: str
    password: str


class RoomInvite(ReplyFrame, frozen=True, gc=False, tag="room_invite"):
    room: str
    code: str
    expires: Time


class AuditPage(ReplyFrame, frozen=True, gc=False, tag="audit"):
    room: str
    entries: list[AuditEntry]
    more: bool


class Pong(ReplyFrame, frozen=True, gc=False):
    legal: ClassVar[Mapping[State, State]] = {
        State.GREETED: State.GREETED,
        State.LOGGED_IN: State.LOGGED_IN,
    }


class Error(ServerFrame, frozen=True, gc=False):
    """A refusal. Without `re` it answers bytes that were not a request."""

    legal: ClassVar[Mapping[State, State]] = {
        state: state for state in (State.OPENING, State.GREETED, State.LOGGED_IN)
    }

    code: str
    message: str
    re: Id | None = None
    retry_after: float | None = None
    until: Time = ""  # when a ban or mute ends
