"""The base of all messages: kinds of fields, states, and who may send what when.

A message class is declared once, in `requests`, `replies` or `events`. Its class attributes
say the rest: unions, the table of states and the server's guards are derived from them.
"""

from collections.abc import Iterator, Mapping
from enum import Enum, auto
from typing import Annotated, ClassVar, Final, Literal, TypeAlias, TypeVar

from msgspec import Meta, Struct

from chat_shared.limits import (
    MAX_CHUNK,
    MAX_CLIENT,
    MAX_FIELD,
    MAX_FILES,
    MAX_HITS,
    MAX_ID,
    MAX_LOOK_UP,
    MAX_NODES,
    MAX_NONCE,
    MAX_PAGE,
    MAX_PREFERENCE_NAME,
    MAX_PREFERENCES,
    MAX_SEEN,
    MAX_SEQ,
    MAX_SSH_KEY,
    MAX_TEXT,
    MAX_TOKEN,
    MIN_TOKEN,
    SHA256_SIZE,
)

Id = Annotated[int, Meta(ge=1, le=MAX_ID)]
Seq = Annotated[int, Meta(ge=0, le=MAX_SEQ)]
Count = Annotated[int, Meta(ge=0, le=MAX_SEQ)]
Nonce = Annotated[str, Meta(min_length=1, max_length=MAX_NONCE)]
Token = Annotated[str, Meta(min_length=1, max_length=MAX_TOKEN)]
NewToken = Annotated[str, Meta(min_length=MIN_TOKEN, max_length=MAX_TOKEN)]
SshKeyText = Annotated[str, Meta(max_length=MAX_SSH_KEY)]
PreferenceName = Annotated[str, Meta(min_length=1, max_length=MAX_PREFERENCE_NAME)]
PreferenceValue = Annotated[str, Meta(max_length=MAX_PREFERENCES)]
PreferenceValues: TypeAlias = dict[PreferenceName, PreferenceValue]
FileId = Annotated[int, Meta(ge=1, le=MAX_SEQ)]
FileIds = Annotated[tuple[FileId, ...], Meta(max_length=MAX_FILES)]
Sha256 = Annotated[str, Meta(pattern=f"^[0-9a-f]{{{SHA256_SIZE}}}$")]
Chunk = Annotated[bytes, Meta(min_length=1, max_length=MAX_CHUNK)]  # base64 in JSON
ChunkSize = Annotated[int, Meta(ge=1, le=MAX_CHUNK)]
Client = Annotated[str, Meta(max_length=MAX_CLIENT)]
Seen = Annotated[dict[str, Seq], Meta(max_length=MAX_SEEN)]
Limit = Annotated[int, Meta(ge=1, le=MAX_PAGE)]
HitLimit = Annotated[int, Meta(ge=1, le=MAX_HITS)]
Seqs = Annotated[list[Seq], Meta(min_length=1, max_length=MAX_LOOK_UP)]
# A string that a server sends, such as a name or a topic: longer than any of them may be.
Field = Annotated[str, Meta(max_length=MAX_FIELD)]
Nodes = Annotated[tuple[Field, ...], Meta(max_length=MAX_NODES)]
Text = Annotated[str, Meta(max_length=MAX_TEXT)]
Time: TypeAlias = Field  # RFC 3339 in UTC with milliseconds: 2026-11-22T09:30:00.000Z; "" for none
SeenTimes = Annotated[dict[str, Time], Meta(max_length=MAX_SEEN)]
Rate: TypeAlias = Literal["posts", "requests", "chunks", "none"]

UNNUMBERED: Final = 1  # the `id` of a request that has not been given its own yet


class State(Enum):
    """How far a connection has come; the same at both ends."""

    OPENING = auto()  # connected; the server has not sent anything yet
    GREETED = auto()  # `hello` was sent; nobody has logged in
    LOGGED_IN = auto()
    CLOSED = auto()  # `bye` was sent, or the peer broke the rules


class Frame(Struct, frozen=True, tag_field="type", tag=str.lower, omit_defaults=True, gc=False):
    """One message. Without garbage collection: no message refers to itself."""

    legal: ClassVar[Mapping[State, State]] = {State.LOGGED_IN: State.LOGGED_IN}
    """The states in which it may be sent, each with the state that follows."""


class ServerFrame(Frame, frozen=True, gc=False):
    """A message from a server."""


class ReplyFrame(ServerFrame, frozen=True, gc=False, kw_only=True):
    """The answer to the request whose `id` is `re`."""

    re: Id


class Ok(ReplyFrame, frozen=True, gc=False):
    token: Field = ""  # to `password`: what resumes this session from now on


class RequestFrame(Frame, frozen=True, gc=False, kw_only=True):
    """A request of a client. The server checks the class attributes before the handler runs."""

    rate: ClassVar[Rate] = "requests"
    """Which rate limit it is charged to."""
    owner_only: ClassVar[bool] = False
    """Whether only the owner of `room` may send it."""
    others_only: ClassVar[bool] = False
    """Whether `name` must be someone else."""
    by_guests: ClassVar[bool] = False
    """Whether guests may send it."""
    by_hooks: ClassVar[bool] = False
    """Whether hooks may send it."""

    granted: ClassVar[type[ReplyFrame]] = Ok
    """The reply that grants it. `Error` refuses it."""

    id: Id


class EventFrame(ServerFrame, frozen=True, gc=False):
    """A message that a server sends unasked."""


class Change(EventFrame, frozen=True, gc=False):
    """A change to the message `of`. It has its own place, `seq`, among the room's messages."""

    room: Field
    seq: Seq
    of: Seq
    author: Field
    at: Time


F = TypeVar("F", bound=Frame)


def declared(base: type[F]) -> Iterator[type[F]]:
    """Yield the message classes below `base`: those that nothing is derived from."""
    for cls in base.__subclasses__():
        if cls.__subclasses__():
            yield from declared(cls)
        else:
            yield cls
