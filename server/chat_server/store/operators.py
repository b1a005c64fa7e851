"""What the operator does, and what is done in the background, as the store keeps it."""

from dataclasses import dataclass
from typing import Protocol

from chat_server.store.owners import Succession


@dataclass(frozen=True, slots=True)
class AccountSummary:
    name: str
    created: int  # milliseconds since 1970, UTC
    locked: bool
    rooms: int
    devices: int  # that may come back without a password


@dataclass(frozen=True, slots=True)
class RoomSummary:
    name: str
    owner: str
    members: int
    messages: int  # that are kept
    keep: int | None  # as RoomRecord's


@dataclass(frozen=True, slots=True)
class StoreFigures:
    accounts: int
    rooms: int
    size: int  # bytes of the file


class OperatorsStore(Protocol):
    """The part of `Store` that looks after all accounts and rooms."""

    def account_summaries(self, after: str, limit: int) -> list[AccountSummary]:
        """The next `limit` accounts behind the key `after`, by key."""

    def set_locked(self, account: int, at: int | None) -> None:
        """Let nobody log in as `account` since `at`; with None let them again."""

    def void_tokens(self, account: int) -> None:
        """Let no device of `account` come back without a password."""

    def remove_account(self, account: int, at: int) -> list[Succession]:
        """Let nobody be `account` again. What it said stays, and so does its name.

        Return what became of its rooms: each goes to its oldest member.
        """

    def room_summaries(self) -> list[RoomSummary]:
        """Every room that has not been removed, by age."""

    def add_unowned_room(self, key: str, name: str, password: str, at: int) -> None:
        """Make a room that nobody is in and nobody owns. Raises TakenError."""

    def set_room_password(self, room: int, password: str) -> None: ...

    def set_keep(self, room: int, keep: int | None) -> None: ...

    def remove_room(self, room: int, at: int) -> None:
        """Give the name of `room` back. Its rows go later, by `sweep_removed_rooms`."""

    def add_invite(self, digest: bytes, at: int, expires: int) -> None:
        """Let one account be made, until then, with the code that has this digest."""

    def figures(self) -> StoreFigures: ...

    # --- in bounded steps

    def keep_times(self) -> list[tuple[int, int | None]]:
        """Every room that has not been removed, and its `keep`."""

    def remove_old_messages(self, room: int, before: int, most: int) -> int:
        """Remove up to `most` messages from the front of `room`; return how many that were.

        Stops at the first that was said at `before` or later, so that what is
        left has no holes and no step is long.
        """

    def remove_stray_reactions(self, room: int, most: int) -> int:
        """Remove up to `most` reactions to messages that are not kept; return how many."""

    def empty_log(self) -> None:
        """Let nothing that was deleted be found in the log beside the database."""

    def sweep_removed_rooms(self, before: int, most: int) -> int:
        """Remove up to `most` rows of rooms removed before then; return how many that were."""
