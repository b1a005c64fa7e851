"""Events, which a server sends unasked. All members of a room receive the same bytes."""

from collections.abc import Mapping
from typing import ClassVar

from chat_shared.frames import Change, Count, EventFrame, Seq, State, Time
from chat_shared.replies import AuditEntry, Member


class Hello(EventFrame, frozen=True, gc=False):
    legal: ClassVar[Mapping[State, State]] = {State.OPENING: State.GREETED}

    protocol: int
    server: str
    version: str
    registration: str


class Posted(EventFrame, frozen=True, gc=False):
    room: str
    seq: Seq
    author: str
    text: str
    at: Time
    nonce: str = ""
    reply: Seq = 0
    mentions: list[str] | None = None  # the members mentioned; None for a text without an `@`


class Edited(Change, frozen=True, gc=False):
    text: str
    nonce: str = ""


class Deleted(Change, frozen=True, gc=False):
    nonce: str = ""


class Reacted(Change, frozen=True, gc=False):
    emoji: str
    off: bool = False
    nonce: str = ""


class Gap(EventFrame, frozen=True, gc=False):
    """The messages after `after` and before `before` are not sent: ask `history` for them."""

    room: str
    after: Seq
    before: Seq


class Entered(EventFrame, frozen=True, gc=False):
    room: str
    name: str


class Left(EventFrame, frozen=True, gc=False):
    """A membership has ended; `by` is who ended it, where that was not `name`."""

    room: str
    name: str
    by: str = ""
    reason: str = ""
    action: str = ""  # kick, ban or delete_room: the request that ended it; empty for `exit`
    until: Time = ""  # of a ban that ends


class Changed(EventFrame, frozen=True, gc=False):
    """The room has a new topic or a new owner; both are as they are now."""

    room: str
    topic: str
    owner: str


class IsMuted(EventFrame, frozen=True, gc=False, tag="mute"):
    """We may not write in this room. Sent after a log-in; later `audited` says so."""

    room: str
    until: Time = ""  # until then; empty until someone unmutes us


class Audited(EventFrame, frozen=True, gc=False):
    room: str
    entry: AuditEntry


class ReadTo(EventFrame, frozen=True, gc=False, tag="read"):
    """All messages up to `seq` were read on another device of this account."""

    room: str
    seq: Seq
    unread: Count = 0
    mentions: Count = 0


class Presence(EventFrame, frozen=True, gc=False):
    """The members whose presence has changed, for sessions that watch the room."""

    room: str
    members: list[Member]


class IsTyping(EventFrame, frozen=True, gc=False, tag="typing"):
    room: str
    name: str


class Notice(EventFrame, frozen=True, gc=False):
    text: str


class Bye(EventFrame, frozen=True, gc=False):
    legal: ClassVar[Mapping[State, State]] = dict.fromkeys(
        (State.OPENING, State.GREETED, State.LOGGED_IN), State.CLOSED
    )

    reason: str
