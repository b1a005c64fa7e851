"""Read positions, unread counts and mentions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from msgspec import Struct

from chat_server.store.api.files import FileRecord
from chat_shared.limits import MAX_COUNTED

# The newest messages of a room that are scanned to count what is unread: an account that
# has written so many itself behind its read position, and only that, gets too low a count.
# And to see whether it has written in a direct room: if so many were posted since, it was long ago.
MAX_SCANNED: Final = 10 * MAX_COUNTED


@dataclass(frozen=True, slots=True)
class MentionRecord:
    id: int  # of the message, over all rooms
    room: str
    seq: int
    author: str
    text: str
    at: int  # milliseconds since 1970, UTC
    files: list[FileRecord]


class Span(Struct, frozen=True, gc=False):
    """The messages behind `after`, up to `upto`, in a room that an account is a member of."""

    account: int
    room: int
    after: int
    upto: int


class Unread(Struct, frozen=True, gc=False):
    """How many messages of others an account has not read, and how many of them mention it."""

    messages: int = 0
    mentions: int = 0


class ReadingStore(Protocol):
    """The part of `Store` that keeps read positions and mentions."""

    def set_read(self, read: Mapping[tuple[int, int], int]) -> None:
        """Set the read positions of accounts (first of the pair) in rooms (second).

        Memberships that have ended are ignored.
        """

    def count_unread(self, spans: Sequence[Span]) -> list[Unread]:
        """Count what is unread in each of `spans`, in bounded time."""

    def mentions(self, account: int, before: int, limit: int) -> list[MentionRecord]:
        """Return the newest `limit` messages with a lower id that mention `account`.

        Only from rooms that it is a member of now.
        """
