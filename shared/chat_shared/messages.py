"""The vocabulary: requests, replies and events, and their one line of JSON.

A request carries `id`, its reply `re` with that number, an event neither.
`PROTOCOL.md` says what each means; here is only what each is made of. Fields
that a reader does not know are skipped, so that they can be added later.
"""

from collections.abc import Iterable
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta, Struct

from chat_shared.errors import BadFrame, Code, Refused
from chat_shared.limits import MAX_ID, MAX_NONCE, MAX_PAGE, MAX_ROOMS, MAX_SEQ, MAX_TOKEN

Id = Annotated[int, Meta(ge=1, le=MAX_ID)]
Seq = Annotated[int, Meta(ge=0, le=MAX_SEQ)]
Nonce = Annotated[str, Meta(min_length=1, max_length=MAX_NONCE)]
Token = Annotated[str, Meta(min_length=1, max_length=MAX_TOKEN)]
Seen = Annotated[dict[str, Seq], Meta(max_length=MAX_ROOMS + 1)]  # and the general room
Limit = Annotated[int, Meta(ge=1, le=MAX_PAGE)]
Time = str  # RFC 3339 in UTC with milliseconds: 2026-11-22T09:30:00.000Z


class _Message(Struct, frozen=True, tag_field="type", tag=str.lower, omit_defaults=True, gc=False):
    """One frame. Without garbage collection: no message refers to itself."""


# --- requests: client to server -------------------------------------------------


class _Request(_Message, frozen=True, gc=False, kw_only=True):
    id: Id


class Register(_Request, frozen=True, gc=False):
    name: str
    password: str
    invite: str = ""


class Login(_Request, frozen=True, gc=False):
    name: str
    password: str


class Resume(_Request, frozen=True, gc=False):
    token: Token
    seen: Seen


class Post(_Request, frozen=True, gc=False):
    room: str
    text: str
    nonce: Nonce


class Create(_Request, frozen=True, gc=False):
    room: str


class Join(_Request, frozen=True, gc=False):
    room: str
    password: str = ""


class Exit(_Request, frozen=True, gc=False):
    room: str


class History(_Request, frozen=True, gc=False):
    """A page of a room: the one that ends before `before`, or the one that begins after `after`."""

    room: str
    before: Seq | None = None
    after: Seq | None = None
    limit: Limit = MAX_PAGE


class Members(_Request, frozen=True, gc=False):
    """Who is in a room, in the order of their names, from behind `after` on."""

    room: str
    after: str = ""


class Ping(_Request, frozen=True, gc=False):
    pass


class Logout(_Request, frozen=True, gc=False):
    pass


class Sessions(_Request, frozen=True, gc=False):
    """Where the account is logged in."""


class Revoke(_Request, frozen=True, gc=False):
    """Void the token of one session; without a name, of all but the one that asks."""

    session: str = ""


class Password(_Request, frozen=True, gc=False):
    """Change the account's password, and revoke all sessions but the one that asks."""

    old: str
    new: str


class DeleteAccount(_Request, frozen=True, gc=False, tag="delete_account"):
    password: str


# --- what replies are made of ---------------------------------------------------


class RoomInfo(Struct, frozen=True, gc=False):
    """A room as `welcome` lists it: up to `last_seq` said, up to `read_seq` read."""

    room: str
    topic: str
    owner: str
    last_seq: int
    read_seq: int


class Line(Struct, frozen=True, gc=False):
    """One message as history keeps it."""

    seq: int
    author: str
    text: str
    at: Time


class Member(Struct, frozen=True, gc=False):
    name: str
    online: bool


class SessionInfo(Struct, frozen=True, gc=False):
    """A log-in on one device, for as long as its token: `session` names it."""

    session: str
    created: Time
    seen: Time  # when it last logged in or came back
    current: bool


# --- replies: server to client, to the request `re` -------------------------------


class _Reply(_Message, frozen=True, gc=False, kw_only=True):
    re: Id


class Welcome(_Reply, frozen=True, gc=False):
    account: str
    token: str
    rooms: list[RoomInfo]


class Accepted(_Reply, frozen=True, gc=False):
    room: str
    seq: int
    at: Time


class Created(_Reply, frozen=True, gc=False):
    room: str
    password: str


class Joined(_Reply, frozen=True, gc=False, omit_defaults=False):
    room: str
    topic: str
    owner: str
    last_seq: int
    members: list[Member]
    more: bool = False


class Ok(_Reply, frozen=True, gc=False):
    pass


class Page(_Reply, frozen=True, gc=False, omit_defaults=False):
    room: str
    messages: list[Line]
    more: bool


class MemberPage(_Reply, frozen=True, gc=False, omit_defaults=False, tag="members"):
    room: str
    members: list[Member]
    more: bool = False


class SessionList(_Reply, frozen=True, gc=False, omit_defaults=False, tag="sessions"):
    sessions: list[SessionInfo]


class Pong(_Reply, frozen=True, gc=False):
    pass


class Error(_Message, frozen=True, gc=False):
    """A refusal. Without `re` it answers bytes that were no request at all."""

    code: str
    message: str
    re: Id | None = None
    retry_after: float | None = None


# --- events: server to client -----------------------------------------------------


class Hello(_Message, frozen=True, gc=False):
    protocol: int
    server: str
    version: str
    registration: str


class Posted(_Message, frozen=True, gc=False):
    room: str
    seq: int
    author: str
    text: str
    at: Time
    nonce: str = ""


class Entered(_Message, frozen=True, gc=False):
    room: str
    name: str


class Left(_Message, frozen=True, gc=False):
    room: str
    name: str


class Gap(_Message, frozen=True, gc=False):
    """What was said after `after` and before `before` is not sent: ask `history` for it."""

    room: str
    after: int
    before: int


class Notice(_Message, frozen=True, gc=False):
    text: str


class Bye(_Message, frozen=True, gc=False):
    reason: str


Request: TypeAlias = (
    Register
    | Login
    | Resume
    | Post
    | Create
    | Join
    | Exit
    | History
    | Members
    | Ping
    | Logout
    | Sessions
    | Revoke
    | Password
    | DeleteAccount
)
Reply: TypeAlias = (
    Welcome | Accepted | Created | Joined | Ok | Page | MemberPage | SessionList | Pong | Error
)
Event: TypeAlias = Hello | Posted | Entered | Left | Gap | Notice | Bye
Message: TypeAlias = Request | Reply | Event

_encoder = msgspec.json.Encoder()
_requests: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request)
_answers: msgspec.json.Decoder[Reply | Event] = msgspec.json.Decoder(Reply | Event)
_types_of_answers = frozenset(
    str(cls.__struct_config__.tag) for cls in (Reply.__args__ + Event.__args__)
)


def encode(message: Message) -> bytes:
    """Return `message` as one line, its newline included."""
    return _encoder.encode(message) + b"\n"


def encode_all(messages: Iterable[Message]) -> bytes:
    """Return `messages` as lines, one after the other."""
    return _encoder.encode_lines(messages)


def decode_request(frame: bytes) -> Request:
    """Return the request in `frame`.

    Raises Refused (bad_request, with `re` where it can be read) for an object
    that is no request, and BadFrame for what is not an object at all.
    """
    try:
        return _requests.decode(_utf8(frame))
    except msgspec.ValidationError as exc:
        body = _decode_object(frame)
        raise Refused(Code.BAD_REQUEST, _sentence(exc), re=_number_of(body)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadFrame("A frame is one JSON object in UTF-8.") from None


def decode_answer(frame: bytes) -> Reply | Event | None:
    """Return the reply or event in `frame`, or None for a type that came after this version.

    Raises BadFrame for anything else.
    """
    try:
        return _answers.decode(_utf8(frame))
    except msgspec.ValidationError as exc:
        body = _decode_object(frame)
        if isinstance(body.get("type"), str) and body["type"] not in _types_of_answers:
            return None
        raise BadFrame(_sentence(exc)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadFrame("A frame is one JSON object in UTF-8.") from None


def _utf8(frame: bytes) -> bytes:
    """Return `frame`, or raise UnicodeDecodeError: the decoder skips fields without looking."""
    if not frame.isascii():
        frame.decode()
    return frame


def _decode_object(frame: bytes) -> dict[str, Any]:
    """Return whatever object `frame` holds; a validator may have stopped before its end."""
    try:
        body = msgspec.json.decode(_utf8(frame))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadFrame("A frame is one JSON object in UTF-8.") from None
    if not isinstance(body, dict):
        raise BadFrame("A frame is one JSON object in UTF-8.")
    return body


def _number_of(body: dict[str, Any]) -> int | None:
    number = body.get("id")
    if type(number) is int and 1 <= number <= MAX_ID:
        return number
    return None


def _sentence(exc: msgspec.ValidationError) -> str:
    """The validator's sentence: it names the field and says what should stand there.

    An unknown `type` it quotes whole, and that may be 60 kB of anything: what a
    peer sent is not sent back, nor logged.
    """
    sentence = str(exc)
    return "No such `type`." if sentence.startswith("Invalid value") else f"{sentence}."
