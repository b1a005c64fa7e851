"""Events: what a server says by itself. Everybody in a room is told the same bytes."""

from chat_shared.frames import Change, Frame, Time
from chat_shared.replies import AuditEntry, Member


class Hello(Frame, frozen=True, gc=False):
    protocol: int
    server: str
    version: str
    registration: str


class Posted(Frame, frozen=True, gc=False):
    room: str
    seq: int
    author: str
    text: str
    at: Time
    nonce: str = ""
    reply: int = 0


class Edited(Change, frozen=True, gc=False):
    text: str
    nonce: str = ""


class Deleted(Change, frozen=True, gc=False):
    nonce: str = ""


class Reacted(Change, frozen=True, gc=False):
    emoji: str
    off: bool = False
    nonce: str = ""


class Gap(Frame, frozen=True, gc=False):
    """What was said after `after` and before `before` is not sent: ask `history` for it."""

    room: str
    after: int
    before: int


class Entered(Frame, frozen=True, gc=False):
    room: str
    name: str


class Left(Frame, frozen=True, gc=False):
    """`by` is who ended the membership, where it was not `name`."""

    room: str
    name: str
    by: str = ""
    reason: str = ""


class Changed(Frame, frozen=True, gc=False):
    """The room has this topic and this owner now."""

    room: str
    topic: str
    owner: str


class Audited(Frame, frozen=True, gc=False):
    room: str
    entry: AuditEntry


class ReadTo(Frame, frozen=True, gc=False, tag="read"):
    """On another device of this account, everything up to `seq` was read."""

    room: str
    seq: int
    unread: int = 0
    mentions: int = 0


class Presence(Frame, frozen=True, gc=False):
    """Those whose presence has changed, to whoever watches the room."""

    room: str
    members: list[Member]


class IsTyping(Frame, frozen=True, gc=False, tag="typing"):
    room: str
    name: str


class Notice(Frame, frozen=True, gc=False):
    text: str


class Bye(Frame, frozen=True, gc=False):
    reason: str
