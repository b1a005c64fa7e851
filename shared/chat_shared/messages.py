"""The vocabulary: requests, replies and events, and their one line of JSON.

A request carries `id`, its reply `re` with that number, an event neither.
`PROTOCOL.md` says what each means. The classes are declared in `requests`, `replies`, `events` and,
where a subject has many, in modules of its own, and are all imported from here. Fields that a
reader does not know are skipped, so that they can be added later.
"""

from collections.abc import Iterable
from typing import Any, TypeAlias, Union

import msgspec

from chat_shared.errors import BadFrame, Code, Refused
from chat_shared.events import *  # noqa: F403 - every event is part of the vocabulary
from chat_shared.file_replies import *  # noqa: F403 - as above
from chat_shared.file_requests import *  # noqa: F403 - as above
from chat_shared.frames import (
    UNNUMBERED as UNNUMBERED,
    Change as Change,
    EventFrame,
    Frame,
    ReplyFrame,
    RequestFrame,
    ServerFrame,
    declared,
)
from chat_shared.guest_requests import *  # noqa: F403 - as above
from chat_shared.hook_replies import *  # noqa: F403 - as above
from chat_shared.hook_requests import *  # noqa: F403 - as above
from chat_shared.invitation_requests import *  # noqa: F403 - as above
from chat_shared.limits import MAX_ID
from chat_shared.moderation_requests import *  # noqa: F403 - as above
from chat_shared.preference_requests import *  # noqa: F403 - as above
from chat_shared.replies import *  # noqa: F403 - as above
from chat_shared.replies import Error
from chat_shared.requests import *  # noqa: F403 - as above
from chat_shared.ssh_key_requests import *  # noqa: F403 - as above

# For type checkers a base class; at run time the classes that are declared below it.
Request: TypeAlias = RequestFrame
Reply: TypeAlias = ReplyFrame | Error
Event: TypeAlias = EventFrame
Message: TypeAlias = Frame

REQUESTS: tuple[type[Request], ...] = tuple(declared(RequestFrame))
REPLIES: tuple[type[Reply], ...] = (*declared(ReplyFrame), Error)
EVENTS: tuple[type[Event], ...] = tuple(declared(EventFrame))
ANSWERS: tuple[type[ServerFrame], ...] = (*REPLIES, *EVENTS)
MESSAGES: tuple[type[Message], ...] = (*REQUESTS, *ANSWERS)

_encoder = msgspec.json.Encoder()
_requests: msgspec.json.Decoder[Request] = msgspec.json.Decoder(
    Union[REQUESTS]  # noqa: UP007 - a tuple, known at run time only
)
_answers: msgspec.json.Decoder[Reply | Event] = msgspec.json.Decoder(
    Union[ANSWERS]  # noqa: UP007 - as above
)
_types_of_answers = frozenset(str(cls.__struct_config__.tag) for cls in ANSWERS)


def type_of(message: Message) -> str:
    """Return the `type` of a message, as it is sent."""
    return str(message.__struct_config__.tag)


def encode(message: Message) -> bytes:
    """Return `message` as one line, its newline included."""
    return _encoder.encode(message) + b"\n"


def encode_all(messages: Iterable[Message]) -> bytes:
    """Return `messages` as lines, one after the other."""
    return _encoder.encode_lines(messages)


def decode_request(frame: bytes) -> Request:
    """Return the request in `frame`.

    Raises Refused (bad_request, with `re` where it can be read) for an object
    that is no request, and BadFrame for anything that is not an object.
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
