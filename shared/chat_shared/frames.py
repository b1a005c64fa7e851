"""What every message is made of: kinds of fields, and what a frame has in common."""

from typing import Annotated, Final, TypeAlias

from msgspec import Meta, Struct

from chat_shared.limits import (
    MAX_HITS,
    MAX_ID,
    MAX_LOOK_UP,
    MAX_NONCE,
    MAX_PAGE,
    MAX_SEEN,
    MAX_SEQ,
    MAX_TOKEN,
)

Id = Annotated[int, Meta(ge=1, le=MAX_ID)]
Seq = Annotated[int, Meta(ge=0, le=MAX_SEQ)]
Nonce = Annotated[str, Meta(min_length=1, max_length=MAX_NONCE)]
Token = Annotated[str, Meta(min_length=1, max_length=MAX_TOKEN)]
Seen = Annotated[dict[str, Seq], Meta(max_length=MAX_SEEN)]
Limit = Annotated[int, Meta(ge=1, le=MAX_PAGE)]
HitLimit = Annotated[int, Meta(ge=1, le=MAX_HITS)]
Seqs = Annotated[list[Seq], Meta(min_length=1, max_length=MAX_LOOK_UP)]
UNNUMBERED: Final = 1  # the `id` of a request that has not been given its own yet
Time: TypeAlias = str  # RFC 3339 in UTC with milliseconds: 2026-11-22T09:30:00.000Z; "" for none


class Frame(Struct, frozen=True, tag_field="type", tag=str.lower, omit_defaults=True, gc=False):
    """One message. Without garbage collection: no message refers to itself."""


class RequestFrame(Frame, frozen=True, gc=False, kw_only=True):
    id: Id


class ReplyFrame(Frame, frozen=True, gc=False, kw_only=True):
    re: Id


class Change(Frame, frozen=True, gc=False):
    """What is done to the message `of`. It has its own place, `seq`, among the room's messages."""

    room: str
    seq: int
    of: int
    author: str
    at: Time
