"""What `chat-server admin` and the running server say to each other: a line of JSON each.

One request; then any number of rows, and one `done` or `sorry` at the end.
Both ends are of one version, so this is no protocol for others and may change.
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


class NewRoomPassword(_Message, frozen=True):
    room: str


class OwnRoom(_Message, frozen=True):
    room: str
    account: str


class KeepRoom(_Message, frozen=True):
    """How long a room's messages stay: milliseconds, 0 for ever, None as the server does."""

    room: str
    keep: int | None


class ListSessions(_Message, frozen=True):
    pass


class DropSessions(_Message, frozen=True):
    account: str


class Invite(_Message, frozen=True):
    days: int


class Announce(_Message, frozen=True):
    text: str


class Stats(_Message, frozen=True):
    pass


# --- answers --------------------------------------------------------------------------


class Row(_Message, frozen=True):
    """One line of a table; the first row names the columns."""

    cells: list[str]


class Done(_Message, frozen=True):
    """It is done. What is to be shown, and what only this once (a password), if anything."""

    message: str
    secret: str = ""


class Sorry(_Message, frozen=True):
    """It is not done; the message is a sentence that says why."""

    message: str


Request: TypeAlias = (
    ListAccounts
    | ResetPassword
    | LockAccount
    | UnlockAccount
    | DeleteAccount
    | ListRooms
    | DeleteRoom
    | NewRoomPassword
    | OwnRoom
    | KeepRoom
    | ListSessions
    | DropSessions
    | Invite
    | Announce
    | Stats
)
Answer: TypeAlias = Row | Done | Sorry

# Bytes of a request: the longest notice, every character escaped, and its envelope.
MAX_REQUEST: Final = 64 * 1024

_encoder = msgspec.json.Encoder()
_requests: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request)
_answers: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)


def encode(message: Request | Answer) -> bytes:
    """Return `message` as one line, its newline included."""
    return _encoder.encode(message) + b"\n"


def decode_request(line: bytes) -> Request:
    """Return the request in `line`. Raises ValueError."""
    return _requests.decode(line.decode())


def decode_answer(line: bytes) -> Answer:
    """Return the answer in `line`. Raises ValueError."""
    return _answers.decode(line.decode())
