"""Replies of a server, each to the request `re`, and the structures in them.

Those about chunks of files are in `file_replies`, those about hooks in `hook_replies`.
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from chat_shared.frames import (
    Count,
    Field,
    FileId,
    Id,
    Ok as Ok,
    PreferenceValues,
    ReplyFrame,
    Seq,
    ServerFrame,
    State,
    Text,
    Time,
)
from chat_shared.limits import MAX_FILES

# --- structures ---------------------------------------------------------------------


class RoomInfo(Struct, frozen=True, gc=False, omit_defaults=True):
    """A room as `welcome` lists it: its last message, and the last one that was read."""

    room: Field
    owner: Field
    last_seq: Seq
    read_seq: Seq
    unread: Count = 0  # messages of others after `read_seq`, counted up to MAX_COUNTED
    mentions: Count = 0  # those of them that mention us
    peer: Field = ""  # in direct messages, the other participant


class Reaction(Struct, frozen=True, gc=False, omit_defaults=True):
    emoji: Field
    count: Count
    names: list[Field]  # of the first MAX_REACTORS
    mine: bool = False


class File(Struct, frozen=True, gc=False, omit_defaults=True):
    """A file of a message. `name` is clean: it has no folders and nothing invisible."""

    file: FileId
    name: Field
    size: Count  # bytes
    type: Field = ""  # image/png, image/jpeg, image/gif or image/webp, by its first bytes


Files = Annotated[tuple[File, ...], Meta(max_length=MAX_FILES)]


class Line(Struct, frozen=True, gc=False, omit_defaults=True):
    """One message as it is now; or, where there is a `change`, the change to `of`."""

    seq: Seq
    author: Field
    text: Text
    at: Time
    reply: Seq = 0
    edited: Time = ""
    deleted: bool = False
    reactions: tuple[Reaction, ...] = ()
    change: Field = ""  # edit, delete or react
    of: Seq = 0
    mentions: list[Field] | None = None  # as in `Posted`
    guest: bool = False  # likewise
    files: Files = ()  # none once it is deleted


class Member(Struct, frozen=True, gc=False, omit_defaults=True):
    name: Field
    online: bool
    away: Field = ""
    seen: Time = ""  # when the last device disconnected, for a member who is offline
    guest: bool = False  # with a temporary account


class Hit(Struct, frozen=True, gc=False, omit_defaults=True):
    """A search result. `marks` are the matches: start and end, in characters."""

    id: int
    room: Field
    seq: Seq
    author: Field
    text: Text
    at: Time
    marks: list[tuple[int, int]] = []
    files: Files = ()


class SessionInfo(Struct, frozen=True, gc=False):
    """A log-in on one device, for as long as its token is valid: `session` names it."""

    session: Field
    created: Time
    seen: Time  # when it last logged in or resumed
    current: bool
    client: Field = ""  # what it called itself then
    address: Field = ""  # and where it was, as limits count it; empty on the server's machine


class InvitationInfo(Struct, frozen=True, gc=False, omit_defaults=True):
    """An unused invitation, without its code, which nobody can look up."""

    invitation: Id
    by: Field
    created: Time
    expires: Time
    guests: Count = 0  # as in `RoomInvite`


class SshKeyInfo(Struct, frozen=True, gc=False, omit_defaults=True):
    """An SSH key that logs in to the account."""

    fingerprint: Field
    kind: Field
    comment: Field
    added: Time
    used: Time = ""  # when it last logged in
    current: bool = False  # whether this session began by it


class AuditEntry(Struct, frozen=True, gc=False, omit_defaults=True):
    """An action in a room that its members can look up, and its target."""

    id: int
    at: Time
    by: Field
    action: Field  # the type of the request: kick, ban, topic, …
    name: Field = ""
    until: Time = ""
    reason: Field = ""


# --- replies ---------------------------------------------------------------------------


class Welcome(ReplyFrame, frozen=True, gc=False):
    legal: ClassVar[Mapping[State, State]] = {State.GREETED: State.LOGGED_IN}

    account: Field
    token: Field
    rooms: list[RoomInfo]
    away: Field = ""
    guest_until: Time = ""  # when our account ends, if we are a guest


class Accepted(ReplyFrame, frozen=True, gc=False):
    room: Field
    seq: Seq
    at: Time


class Created(ReplyFrame, frozen=True, gc=False):
    room: Field
    password: Field


class Joined(ReplyFrame, frozen=True, gc=False, omit_defaults=False):
    room: Field
    topic: Field
    owner: Field
    last_seq: Seq
    members: list[Member]
    more: bool = False
    read_seq: Seq = 0
    unread: Count = 0
    mentions: Count = 0
    peer: Field = ""
    muted: bool = False  # we may not write here
    muted_until: Time = ""  # until then; empty until someone unmutes us


class Page(ReplyFrame, frozen=True, gc=False, omit_defaults=False):
    room: Field
    messages: list[Line]
    more: bool


class Lines(ReplyFrame, frozen=True, gc=False):
    """Those of the requested messages that exist."""

    room: Field
    messages: list[Line]


class Found(ReplyFrame, frozen=True, gc=False):
    hits: list[Hit]
    more: bool


class MemberPage(ReplyFrame, frozen=True, gc=False, omit_defaults=False, tag="members"):
    room: Field
    members: list[Member]
    more: bool = False


class SessionList(ReplyFrame, frozen=True, gc=False, omit_defaults=False, tag="sessions"):
    sessions: list[SessionInfo]


class SshKeyList(ReplyFrame, frozen=True, gc=False, omit_defaults=False, tag="ssh_keys"):
    keys: list[SshKeyInfo]


class SshKeyChecked(ReplyFrame, frozen=True, gc=False, omit_defaults=False, tag="ssh_key_checked"):
    legal: ClassVar[Mapping[State, State]] = {State.GREETED: State.GREETED}

    logs_in: bool


class PreferenceList(ReplyFrame, frozen=True, gc=False, omit_defaults=False, tag="preferences"):
    values: PreferenceValues


class BlockedList(ReplyFrame, frozen=True, gc=False, omit_defaults=False, tag="blocked"):
    names: list[Field]


class MuteInfo(ReplyFrame, frozen=True, gc=False, omit_defaults=False, tag="mute_of"):
    """Whether `name` is muted in `room`, and until when; without an `until`, until `unmute`."""

    room: Field
    name: Field
    muted: bool
    until: Time = ""


class RoomPassword(ReplyFrame, frozen=True, gc=False, tag="room_password"):
    room: Field
    password: Field


class RoomInvite(ReplyFrame, frozen=True, gc=False, tag="room_invite"):
    """A new invitation, and where people elsewhere reach the server, as far as it knows."""

    room: Field
    code: Field
    expires: Time
    registers: bool = False  # one can also create an account with it
    host: Field = ""
    port: Count = 0  # with TLS; 0 if it does not listen for that
    fingerprint: Field = ""  # of the certificate, where no authority vouches for it
    ssh_port: Count = 0  # of the gateway; 0 without one
    ssh_key: Field = ""  # the fingerprint of the gateway's host key
    web: Field = ""  # the address of the gateway's pages; empty without them
    guests: Count = (
        0  # how many it lets in at a time, as guests; 0: one person, who gets an account
    )


class InvitationList(ReplyFrame, frozen=True, gc=False, omit_defaults=False, tag="invitations"):
    room: Field
    invitations: list[InvitationInfo]


class AuditPage(ReplyFrame, frozen=True, gc=False, tag="audit"):
    room: Field
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

    code: Field
    message: str
    re: Id | None = None
    retry_after: float | None = None
    until: Time = ""  # when a ban or mute ends
