"""The messages between `chat-server admin` and the running server: one line of JSON each.

One request, then any number of rows, then `done` or `failed`. Both ends have
the same version, so this is not a public protocol and may change.
"""

from typing import Final, TypeAlias

import msgspec
from msgspec import Struct


class _Message(Struct, frozen=True, tag_field="type", tag=str.lower, forbid_unknown_fields=True):
    pass


# --- requests -------------------------------------------------------------------------


class ListAccounts(_Message, frozen=True):
    pass


class ResetPassword(_Message, frozen=True):
    account: str


class LockAccount(_Message, frozen=True):
    account: str


class UnlockAccount(_Message, frozen=True):
    account: str


class DeleteAccount(_Message, frozen=True):
    account: str


class ListRooms(_Message, frozen=True):
    pass


class DeleteRoom(_Message, frozen=True):
    room: str


class ResetRoomPassword(_Message, frozen=True):
    room: str


class SetRoomOwner(_Message, frozen=True):
    room: str
    account: str


class SetRoomKeep(_Message, frozen=True):
    """Keep a room's messages for `keep` milliseconds; 0 for forever, None for the default."""

    room: str
    keep: int | None


class ListSessions(_Message, frozen=True):
    pass


class LogOutAccount(_Message, frozen=True):
    account: str


class Invite(_Message, frozen=True):
    days: int


class SendNotice(_Message, frozen=True):
    text: str


class Stats(_Message, frozen=True):
    pass


class ListParts(_Message, frozen=True):
    """For `chat-server check`."""


# --- answers --------------------------------------------------------------------------


class Row(_Message, frozen=True):
    """One line of a table; the first row names the columns."""

    cells: list[str]


class Done(_Message, frozen=True):
    """The request succeeded. `secret` is a password or code that is shown only once."""

    message: str
    secret: str = ""


class Failed(_Message, frozen=True):
    """The request failed; the message is a sentence that says why."""

    message: str


Request: TypeAlias = (
    ListAccounts
    | ResetPassword
    | LockAccount
    | UnlockAccount
    | DeleteAccount
    | ListRooms
    | DeleteRoom
    | ResetRoomPassword
    | SetRoomOwner
    | SetRoomKeep
    | ListSessions
    | LogOutAccount
    | Invite
    | SendNotice
    | Stats
    | ListParts
)
Answer: TypeAlias = Row | Done | Failed

# Bytes of a request: the longest notice with every character escaped, and its envelope.
MAX_REQUEST: Final = 64 * 1024

_encoder = msgspec.json.Encoder()
_requests: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request)
_answers: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)


def encode(message: Request | Answer) -> bytes:
    """Return `message` as one line, including its newline."""
    return _encoder.encode(message) + b"\n"


def decode_request(line: bytes) -> Request:
    """Return the request in `line`. Raises ValueError."""
    return _requests.decode(line.decode())


def decode_answer(line: bytes) -> Answer:
    """Return the answer in `line`. Raises ValueError."""
    return _answers.decode(line.decode())
