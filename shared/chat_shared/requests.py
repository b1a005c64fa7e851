"""Requests: what a client asks. Each carries `id` and gets one reply."""

from chat_shared.frames import HitLimit, Limit, Nonce, RequestFrame, Seen, Seq, Seqs, Time, Token
from chat_shared.limits import MAX_HITS, MAX_PAGE

# --- coming in, and one's own account -------------------------------------------


class Register(RequestFrame, frozen=True, gc=False):
    name: str
    password: str
    invite: str = ""


class Login(RequestFrame, frozen=True, gc=False):
    name: str
    password: str


class Resume(RequestFrame, frozen=True, gc=False):
    token: Token
    seen: Seen


class Ping(RequestFrame, frozen=True, gc=False):
    pass


class Logout(RequestFrame, frozen=True, gc=False):
    pass


class Sessions(RequestFrame, frozen=True, gc=False):
    """Where the account is logged in."""


class Revoke(RequestFrame, frozen=True, gc=False):
    """Void the token of one session; without a name, of all but the one that asks."""

    session: str = ""


class Password(RequestFrame, frozen=True, gc=False):
    """Change the account's password, and revoke all sessions but the one that asks."""

    old: str
    new: str


class DeleteAccount(RequestFrame, frozen=True, gc=False, tag="delete_account"):
    password: str


class Away(RequestFrame, frozen=True, gc=False):
    """Say why one is not here, on all devices; without a text, that one is back."""

    text: str = ""


# --- what stays in a room ---------------------------------------------------------


class Post(RequestFrame, frozen=True, gc=False):
    room: str
    text: str
    nonce: Nonce
    reply: Seq = 0  # the message this one answers, 0 for none


class Edit(RequestFrame, frozen=True, gc=False):
    room: str
    of: Seq
    text: str
    nonce: Nonce


class Delete(RequestFrame, frozen=True, gc=False):
    room: str
    of: Seq
    nonce: Nonce


class React(RequestFrame, frozen=True, gc=False):
    room: str
    of: Seq
    emoji: str
    nonce: Nonce
    off: bool = False  # take it back


# --- membership ----------------------------------------------------------------------


class Create(RequestFrame, frozen=True, gc=False):
    room: str


class Join(RequestFrame, frozen=True, gc=False):
    room: str
    password: str = ""


class Exit(RequestFrame, frozen=True, gc=False):
    """End one's membership. An owner leaves the room to `heir`, else to its oldest member."""

    room: str
    heir: str = ""


class Direct(RequestFrame, frozen=True, gc=False):
    """Open the room of two with `name`, who may be offline."""

    name: str


class Block(RequestFrame, frozen=True, gc=False):
    """Have no room of two with `name`, from now on."""

    name: str


class Unblock(RequestFrame, frozen=True, gc=False):
    name: str


class Blocked(RequestFrame, frozen=True, gc=False):
    """Whom one has blocked."""


# --- looking -----------------------------------------------------------------------------


class History(RequestFrame, frozen=True, gc=False):
    """A page of a room: the one that ends before `before`, or the one that begins after `after`."""

    room: str
    before: Seq | None = None
    after: Seq | None = None
    limit: Limit = MAX_PAGE


class LookUp(RequestFrame, frozen=True, gc=False, tag="look_up"):
    """Single messages of a room, by their numbers."""

    room: str
    seqs: Seqs


class Search(RequestFrame, frozen=True, gc=False):
    """Messages that hold all `words`, newest first, in the rooms one is a member of."""

    words: str
    room: str = ""  # only in this one
    author: str = ""  # only by this one
    until: Time = ""  # only what was said before then
    before: Seq = 0  # the `id` of the last hit held, for the next page
    limit: HitLimit = MAX_HITS


class Mentions(RequestFrame, frozen=True, gc=False):
    """Messages that call one by name, newest first."""

    before: Seq = 0  # as in Search
    limit: HitLimit = MAX_HITS


class Read(RequestFrame, frozen=True, gc=False):
    """Everything up to `seq` has been read, or, lower than before, has not."""

    room: str
    seq: Seq


class Members(RequestFrame, frozen=True, gc=False):
    """Who is in a room, in the order of their names, from behind `after` on."""

    room: str
    after: str = ""


class Watch(RequestFrame, frozen=True, gc=False):
    """Hear who comes online and who types in this room, and in no other; in none without one."""

    room: str = ""


class Typing(RequestFrame, frozen=True, gc=False):
    room: str


# --- owning a room -------------------------------------------------------------------------


class Topic(RequestFrame, frozen=True, gc=False):
    room: str
    topic: str


class NewPassword(RequestFrame, frozen=True, gc=False, tag="new_password"):
    """Give the room another password; the old one is void, members stay."""

    room: str


class Invite(RequestFrame, frozen=True, gc=False):
    """A code that lets one person join in place of the password."""

    room: str


class Kick(RequestFrame, frozen=True, gc=False):
    room: str
    name: str
    reason: str = ""


class Ban(RequestFrame, frozen=True, gc=False):
    """End a membership and let it not begin again before `until`; for good without one."""

    room: str
    name: str
    until: Time = ""
    reason: str = ""


class Unban(RequestFrame, frozen=True, gc=False):
    room: str
    name: str


class Mute(RequestFrame, frozen=True, gc=False):
    """Let a member not speak before `until`; for good without one."""

    room: str
    name: str
    until: Time = ""
    reason: str = ""


class Unmute(RequestFrame, frozen=True, gc=False):
    room: str
    name: str


class HandOver(RequestFrame, frozen=True, gc=False, tag="hand_over"):
    room: str
    name: str


class DeleteRoom(RequestFrame, frozen=True, gc=False, tag="delete_room"):
    room: str


class Audit(RequestFrame, frozen=True, gc=False):
    """What its owners did in a room, newest first."""

    room: str
    before: Seq = 0  # the `id` of the last entry held, for the next page
