"""Requests of clients. Each carries `id` and gets one reply.

The state in which a request is legal, its rate limit, who may send it and the reply that grants
it are class attributes, explained in `frames`; nothing else in the project lists requests.
Those about a room's members and settings are in `moderation_requests`, those about invitations in
`invitation_requests`, those about files in `file_requests`, those about preferences in
`preference_requests`, those about SSH keys in `ssh_key_requests`.
"""

from collections.abc import Mapping
from typing import ClassVar

from msgspec import field

from chat_shared.frames import (
    Client,
    FileIds,
    HitLimit,
    Limit,
    NewToken,
    Nonce,
    Rate,
    ReplyFrame,
    RequestFrame,
    Seen,
    SeenTimes,
    Seq,
    Seqs,
    State,
    Time,
    Token,
)
from chat_shared.limits import MAX_HITS, MAX_PAGE
from chat_shared.replies import (
    Accepted,
    BlockedList,
    Created,
    Found,
    Joined,
    Lines,
    MemberPage,
    Page,
    Pong,
    SessionList,
    Welcome,
)


class LogInRequest(RequestFrame, frozen=True, gc=False):
    """Logs in: legal once, before anything else."""

    legal: ClassVar[Mapping[State, State]] = {State.GREETED: State.GREETED}
    granted: ClassVar[type[ReplyFrame]] = Welcome


class PostRequest(RequestFrame, frozen=True, gc=False):
    """Takes a number in a room, as a message does."""

    rate: ClassVar[Rate] = "posts"
    by_guests: ClassVar[bool] = True
    granted: ClassVar[type[ReplyFrame]] = Accepted


# --- logging in, and the account ------------------------------------------------------


class Register(LogInRequest, frozen=True, gc=False):
    name: str
    password: str
    invite: str = ""
    client: Client = ""  # names the program and its system in `sessions`; as in the next two


class Login(LogInRequest, frozen=True, gc=False):
    name: str
    password: str
    client: Client = ""


class Resume(LogInRequest, frozen=True, gc=False):
    token: Token
    seen: Seen
    client: Client = ""
    # Of the messages in `seen`, by which the server sees whether it has lost them.
    at: SeenTimes = field(default_factory=dict)


class Ping(RequestFrame, frozen=True, gc=False):
    by_guests: ClassVar[bool] = True
    by_hooks: ClassVar[bool] = True
    legal: ClassVar[Mapping[State, State]] = {
        State.GREETED: State.GREETED,
        State.LOGGED_IN: State.LOGGED_IN,
    }
    granted: ClassVar[type[ReplyFrame]] = Pong


class Logout(RequestFrame, frozen=True, gc=False):
    rate: ClassVar[Rate] = "none"
    by_guests: ClassVar[bool] = True


class Sessions(RequestFrame, frozen=True, gc=False):
    """List the sessions of the account."""

    granted: ClassVar[type[ReplyFrame]] = SessionList


class Revoke(RequestFrame, frozen=True, gc=False):
    """End one session and revoke its token; without a name, all sessions but this one."""

    session: str = ""


class Password(RequestFrame, frozen=True, gc=False):
    """Change the account's password, revoke all other sessions, and give this one a new token."""

    old: str
    new: str
    token: NewToken = (
        ""  # the new one, made and stored by the client; empty for one of the server's
    )


class DeleteAccount(RequestFrame, frozen=True, gc=False, tag="delete_account"):
    password: str


class Away(RequestFrame, frozen=True, gc=False):
    """Set the away message on all devices; without a text, clear it."""

    by_guests: ClassVar[bool] = True

    text: str = ""


# --- messages and changes to them ------------------------------------------------------


class Post(PostRequest, frozen=True, gc=False):
    by_hooks: ClassVar[bool] = True

    room: str
    text: str
    nonce: Nonce
    reply: Seq = 0  # the message this one replies to, 0 for none
    files: FileIds = ()  # whole uploads to this room; then `text` may be empty


class Edit(PostRequest, frozen=True, gc=False):
    room: str
    of: Seq
    text: str
    nonce: Nonce


class Delete(PostRequest, frozen=True, gc=False):
    room: str
    of: Seq
    nonce: Nonce


class React(PostRequest, frozen=True, gc=False):
    room: str
    of: Seq
    emoji: str
    nonce: Nonce
    off: bool = False  # remove the reaction


# --- membership ------------------------------------------------------------------------


class Create(RequestFrame, frozen=True, gc=False):
    granted: ClassVar[type[ReplyFrame]] = Created

    room: str


class Join(RequestFrame, frozen=True, gc=False):
    """Join a room by its password or an invitation, which needs no name of a room."""

    granted: ClassVar[type[ReplyFrame]] = Joined

    room: str = ""
    password: str = ""


class Exit(RequestFrame, frozen=True, gc=False):
    """Leave a room. An owner's room goes to `heir`, or else to its oldest member."""

    by_guests: ClassVar[bool] = True

    room: str
    heir: str = ""


class Direct(RequestFrame, frozen=True, gc=False):
    """Open the direct messages with `name`, who may be offline."""

    granted: ClassVar[type[ReplyFrame]] = Joined

    name: str


class Block(RequestFrame, frozen=True, gc=False):
    """Allow no more direct messages with `name`."""

    others_only: ClassVar[bool] = True

    name: str


class Unblock(RequestFrame, frozen=True, gc=False):
    others_only: ClassVar[bool] = True

    name: str


class Blocked(RequestFrame, frozen=True, gc=False):
    """List the people this account has blocked."""

    granted: ClassVar[type[ReplyFrame]] = BlockedList


# --- reading ----------------------------------------------------------------------------


class History(RequestFrame, frozen=True, gc=False):
    """A page of a room: the one that ends before `before`, or the one that begins after `after`."""

    granted: ClassVar[type[ReplyFrame]] = Page
    by_guests: ClassVar[bool] = True

    room: str
    before: Seq | None = None
    after: Seq | None = None
    limit: Limit = MAX_PAGE


class LookUp(RequestFrame, frozen=True, gc=False, tag="look_up"):
    """Single messages of a room, by their numbers."""

    granted: ClassVar[type[ReplyFrame]] = Lines
    by_guests: ClassVar[bool] = True

    room: str
    seqs: Seqs


class Search(RequestFrame, frozen=True, gc=False):
    """Messages that contain all `words`, newest first, in the rooms of the account."""

    granted: ClassVar[type[ReplyFrame]] = Found
    by_guests: ClassVar[bool] = True

    words: str
    room: str = ""  # only in this room
    author: str = ""  # only by this account
    until: Time = ""  # only messages from before then
    before: Seq = 0  # the `id` of the last hit received, for the next page
    limit: HitLimit = MAX_HITS


class Mentions(RequestFrame, frozen=True, gc=False):
    """Messages that mention the account, newest first."""

    granted: ClassVar[type[ReplyFrame]] = Found
    by_guests: ClassVar[bool] = True

    before: Seq = 0  # as in Search
    limit: HitLimit = MAX_HITS


class Read(RequestFrame, frozen=True, gc=False):
    """Mark everything up to `seq` as read; a lower `seq` than before marks as unread."""

    by_guests: ClassVar[bool] = True

    room: str
    seq: Seq


class Members(RequestFrame, frozen=True, gc=False):
    """The members of a room, in the order of their names, beginning after `after`."""

    granted: ClassVar[type[ReplyFrame]] = MemberPage
    by_guests: ClassVar[bool] = True

    room: str
    after: str = ""


class Watch(RequestFrame, frozen=True, gc=False):
    """Receive presence and typing of this room, and of no other; without a room, of none."""

    granted: ClassVar[type[ReplyFrame]] = Joined
    by_guests: ClassVar[bool] = True

    room: str = ""


class Typing(RequestFrame, frozen=True, gc=False):
    by_guests: ClassVar[bool] = True

    room: str
