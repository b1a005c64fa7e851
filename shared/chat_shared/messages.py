"""The vocabulary: requests, replies and events, and their one line of JSON.

A request carries `id`, its reply `re` with that number, an event neither.
`PROTOCOL.md` says what each means; what each is made of stands in `requests`,
`replies` and `events`, and is had from here. Fields that a reader does not
know are skipped, so that they can be added later.
"""

from collections.abc import Iterable
from typing import Any, TypeAlias

import msgspec

from chat_shared.errors import BadFrame, Code, Refused
from chat_shared.events import (
    Audited as Audited,
    Bye as Bye,
    Changed as Changed,
    Deleted as Deleted,
    Edited as Edited,
    Entered as Entered,
    Gap as Gap,
    Hello as Hello,
    IsTyping as IsTyping,
    Left as Left,
    Notice as Notice,
    Posted as Posted,
    Presence as Presence,
    Reacted as Reacted,
    ReadTo as ReadTo,
)
from chat_shared.frames import (
    UNNUMBERED as UNNUMBERED,
    Change as Change,
    HitLimit as HitLimit,
    Id as Id,
    Limit as Limit,
    Nonce as Nonce,
    Seen as Seen,
    Seq as Seq,
    Seqs as Seqs,
    Time as Time,
    Token as Token,
)
from chat_shared.limits import MAX_ID
from chat_shared.replies import (
    Accepted as Accepted,
    AuditEntry as AuditEntry,
    AuditPage as AuditPage,
    BlockedList as BlockedList,
    Created as Created,
    Error as Error,
    Found as Found,
    Hit as Hit,
    Joined as Joined,
    Line as Line,
    Lines as Lines,
    Member as Member,
    MemberPage as MemberPage,
    Ok as Ok,
    Page as Page,
    Pong as Pong,
    Reaction as Reaction,
    RoomInfo as RoomInfo,
    RoomInvite as RoomInvite,
    RoomPassword as RoomPassword,
    SessionInfo as SessionInfo,
    SessionList as SessionList,
    Welcome as Welcome,
)
from chat_shared.requests import (
    Audit as Audit,
    Away as Away,
    Ban as Ban,
    Block as Block,
    Blocked as Blocked,
    Create as Create,
    Delete as Delete,
    DeleteAccount as DeleteAccount,
    DeleteRoom as DeleteRoom,
    Direct as Direct,
    Edit as Edit,
    Exit as Exit,
    HandOver as HandOver,
    History as History,
    Invite as Invite,
    Join as Join,
    Kick as Kick,
    Login as Login,
    Logout as Logout,
    LookUp as LookUp,
    Members as Members,
    Mentions as Mentions,
    Mute as Mute,
    NewPassword as NewPassword,
    Password as Password,
    Ping as Ping,
    Post as Post,
    React as React,
    Read as Read,
    Register as Register,
    Resume as Resume,
    Revoke as Revoke,
    Search as Search,
    Sessions as Sessions,
    Topic as Topic,
    Typing as Typing,
    Unban as Unban,
    Unblock as Unblock,
    Unmute as Unmute,
    Watch as Watch,
)

Request: TypeAlias = (
    Register
    | Login
    | Resume
    | Ping
    | Logout
    | Sessions
    | Revoke
    | Password
    | DeleteAccount
    | Away
    | Post
    | Edit
    | Delete
    | React
    | Create
    | Join
    | Exit
    | Direct
    | Block
    | Unblock
    | Blocked
    | History
    | LookUp
    | Search
    | Mentions
    | Read
    | Members
    | Watch
    | Typing
    | Topic
    | NewPassword
    | Invite
    | Kick
    | Ban
    | Unban
    | Mute
    | Unmute
    | HandOver
    | DeleteRoom
    | Audit
)
Reply: TypeAlias = (
    Welcome
    | Accepted
    | Created
    | Joined
    | Ok
    | Page
    | Lines
    | Found
    | MemberPage
    | SessionList
    | BlockedList
    | RoomPassword
    | RoomInvite
    | AuditPage
    | Pong
    | Error
)
Event: TypeAlias = (
    Hello
    | Posted
    | Edited
    | Deleted
    | Reacted
    | Gap
    | Entered
    | Left
    | Changed
    | Audited
    | ReadTo
    | Presence
    | IsTyping
    | Notice
    | Bye
)
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
