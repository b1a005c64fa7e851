"""Events, which a server sends unasked. All members of a room receive the same bytes."""

from collections.abc import Mapping
from typing import ClassVar

from chat_shared.frames import (
    Change,
    Count,
    EventFrame,
    Field,
    Nodes,
    PreferenceValues,
    Seq,
    State,
    Text,
    Time,
)
from chat_shared.replies import AuditEntry, Files, Member


class Hello(EventFrame, frozen=True, gc=False):
    legal: ClassVar[Mapping[State, State]] = {State.OPENING: State.GREETED}

    protocol: int
    server: Field
    version: Field
    registration: Field
    nodes: Nodes = ()  # HOST:PORT of other addresses of this server
    max_file: Count = 0  # bytes of a file; 0 if this server takes none


class Posted(EventFrame, frozen=True, gc=False):
    room: Field
    seq: Seq
    author: Field
    text: Text
    at: Time
    nonce: Field = ""
    reply: Seq = 0
    mentions: list[Field] | None = None  # the members mentioned; None for a text without an `@`
    guest: bool = False  # the author is a guest, or was one to the end
    files: Files = ()


class Edited(Change, frozen=True, gc=False):
    text: Text
    nonce: Field = ""


class Deleted(Change, frozen=True, gc=False):
    nonce: Field = ""


class Reacted(Change, frozen=True, gc=False):
    emoji: Field
    off: bool = False
    nonce: Field = ""


class Gap(EventFrame, frozen=True, gc=False):
    """The messages after `after` and before `before` are not sent: ask `history` for them."""

    room: Field
    after: Seq
    before: Seq


class Restored(EventFrame, frozen=True, gc=False):
    """What we hold of the room is not its history any more. The numbers are as in `welcome`."""

    room: Field
    last_seq: Seq
    read_seq: Seq
    unread: Count = 0
    mentions: Count = 0


class Entered(EventFrame, frozen=True, gc=False):
    room: Field
    name: Field
    guest: bool = False


class Left(EventFrame, frozen=True, gc=False):
    """A membership has ended; `by` is who ended it, where that was not `name`."""

    room: Field
    name: Field
    by: Field = ""
    reason: Field = ""
    action: Field = ""  # kick, ban or delete_room: the request that ended it; empty for `exit`
    until: Time = ""  # of a ban that ends


class Changed(EventFrame, frozen=True, gc=False):
    """The room has a new topic or a new owner; both are as they are now."""

    room: Field
    topic: Field
    owner: Field


class IsMuted(EventFrame, frozen=True, gc=False, tag="mute"):
    """We may not write in this room. Sent after a log-in; later `audited` says so."""

    room: Field
    until: Time = ""  # until then; empty until someone unmutes us


class Audited(EventFrame, frozen=True, gc=False):
    room: Field
    entry: AuditEntry


class ReadTo(EventFrame, frozen=True, gc=False, tag="read"):
    """All messages up to `seq` were read on another device of this account."""

    room: Field
    seq: Seq
    unread: Count = 0
    mentions: Count = 0


class PreferencesChanged(EventFrame, frozen=True, gc=False, tag="preferences_changed"):
    """Another device of this account set these preferences; an empty value removed one."""

    values: PreferenceValues


class Presence(EventFrame, frozen=True, gc=False):
    """The members whose presence has changed, for sessions that watch the room."""

    room: Field
    members: list[Member]


class IsTyping(EventFrame, frozen=True, gc=False, tag="typing"):
    room: Field
    name: Field


class Notice(EventFrame, frozen=True, gc=False):
    text: Text


class Bye(EventFrame, frozen=True, gc=False):
    legal: ClassVar[Mapping[State, State]] = dict.fromkeys(
        (State.OPENING, State.GREETED, State.LOGGED_IN), State.CLOSED
    )

    reason: str
