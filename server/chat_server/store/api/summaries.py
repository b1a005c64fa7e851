"""Summaries for the operator: accounts, rooms and totals."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class AccountSummary:
    name: str
    created: int  # milliseconds since 1970, UTC
    locked: bool
    rooms: int  # that it is a member of; direct ones do not count
    sessions: int  # tokens that log in without a password
    guest_until: int  # when a guest's account ends, in milliseconds since 1970, UTC; 0 for others


@dataclass(frozen=True, slots=True)
class RoomSummary:
    name: str
    owner: str
    members: int
    messages: int  # that are kept
    keep: int | None  # as RoomRecord's
    participants: tuple[str, ...] = ()  # the names of the two of a direct room


@dataclass(frozen=True, slots=True)
class StoreFigures:
    accounts: int
    rooms: int  # direct ones do not count
    size: int  # bytes of the file


class SummaryStore(Protocol):
    """The part of `Store` that looks at all accounts and rooms."""

    def account_summaries(self, after: str, limit: int) -> list[AccountSummary]:
        """Return the next `limit` accounts behind the key `after`, by key.

        Without those of hooks, whose keys are not their names.
        """

    def room_summaries(self) -> list[RoomSummary]:
        """Return every room that has not been removed, direct ones included, by age."""

    def figures(self) -> StoreFigures: ...
