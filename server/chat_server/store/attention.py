"""What people have read and what calls them, where they are, and what the store promises of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from msgspec import Struct


def direct_name(low: int, high: int) -> str:
    """Return what the room of these two accounts is called: as no room that people name."""
    return f"@{low}-{high}"


@dataclass(frozen=True, slots=True)
class AccountState:
    """What an account brings along when its first device connects."""

    away: str
    read: dict[int, int]  # the rooms it is a member of, and how far it has read in each


@dataclass(frozen=True, slots=True)
class MemberRecord:
    account: int
    name: str
    away: str
    seen: int  # when the last device left, in milliseconds since 1970, UTC; 0 for never


@dataclass(frozen=True, slots=True)
class MentionRecord:
    id: int  # of the message, over all rooms
    room: str
    seq: int
    author: str
    text: str
    at: int  # milliseconds since 1970, UTC


class Span(Struct, frozen=True, gc=False):
    """What is behind `after`, up to `upto`, in a room that an account is a member of."""

    account: int
    room: int
    after: int
    upto: int


class Unread(Struct, frozen=True, gc=False):
    """How many messages of others somebody has not read, and how many of them call them."""

    messages: int = 0
    mentions: int = 0


class AttentionStore(Protocol):
    """The part of `Store` that knows people as readers."""

    def members(self, room: int, after: str, limit: int) -> list[MemberRecord]:
        """The next `limit` members behind the key `after`, by key."""

    def has_members(self, room: int, number: int) -> bool:
        """Whether `room` has at least so many members. Costs no more than to count up to there."""

    def account_state(self, account: int) -> AccountState: ...

    def set_away(self, account: int, away: str) -> None: ...

    def set_last_seen(self, seen: Mapping[int, int]) -> None:
        """Note when the last device of accounts left."""

    def set_read(self, read: Mapping[tuple[int, int], int]) -> None:
        """Note how far accounts (first of the pair) have read in rooms (second).

        Memberships that have ended are passed over.
        """

    def count_unread(self, spans: Sequence[Span]) -> list[Unread]:
        """What is not read in each of `spans`, in bounded time: see `people.py`."""

    def mentions(self, account: int, before: int, limit: int) -> list[MentionRecord]:
        """The newest `limit` messages with a lower id that call `account`.

        Only of rooms that it is a member of now.
        """

    def block(self, account: int, other: int, most: int) -> bool:
        """Let there be no room of two with `other` as long as `account` wants none.

        False where it has blocked so many others.
        """

    def unblock(self, account: int, other: int) -> bool:
        """Undo `block`; say whether there was anything to undo."""

    def blocked(self, account: int) -> list[str]:
        """The names of those whom `account` has blocked, by key."""
