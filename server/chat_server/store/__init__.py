"""What the house remembers, and the promises of whatever remembers it.

`Store` is plain synchronous functions, each one whole transaction, called on
the store's own threads through `Storage`. Nothing outside this package knows
that there is SQL, nor that this process made every message.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class StoreError(Exception):
    """The store could not do it: a full or failing disk. Nothing was half-written."""


class TakenError(Exception):
    """Somebody else has this name already."""


@dataclass(frozen=True, slots=True)
class AccountRecord:
    id: int
    name: str
    password: str  # as hashed


@dataclass(frozen=True, slots=True)
class RoomRecord:
    id: int
    name: str
    owner: str
    topic: str
    password: str  # as hashed; empty for a room that cannot be joined by password
    last_seq: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A message before it has its place."""

    room: int
    author: int
    text: str
    nonce: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where a draft stands. Not `fresh` if it stood there already, by its nonce."""

    room: int
    seq: int
    at: int  # milliseconds since 1970, UTC
    fresh: bool


@dataclass(frozen=True, slots=True)
class MessageRecord:
    seq: int
    author: str
    text: str
    at: int  # milliseconds since 1970, UTC
    nonce: str


class Store(Protocol):
    """Every method is one transaction: it happened as a whole, or it raised and did not.

    Any of them may raise StoreError. None may be called from the event loop.
    """

    # --- accounts

    def add_account(self, key: str, name: str, password: str, at: int) -> AccountRecord:
        """Make an account, a member of the general room. Raises TakenError."""

    def account(self, key: str) -> AccountRecord | None: ...

    def set_password(self, account: int, password: str) -> None: ...

    def add_token(self, digest: bytes, account: int, at: int, keep: int) -> list[bytes]:
        """Let `digest` resume `account`; return the oldest digests beyond `keep`, now void."""

    def account_of_token(self, digest: bytes) -> AccountRecord | None: ...

    def remove_token(self, digest: bytes) -> None: ...

    # --- rooms

    def rooms(self) -> list[RoomRecord]:
        """Every room, the general one first."""

    def add_room(self, key: str, name: str, owner: int, password: str, at: int) -> RoomRecord:
        """Make a room with its owner as its only member. Raises TakenError."""

    def rooms_of(self, account: int) -> list[int]: ...

    def add_member(self, room: int, account: int, at: int) -> None: ...

    def remove_member(self, room: int, account: int) -> None: ...

    def members(self, room: int, after: str, limit: int) -> list[tuple[int, str]]:
        """The next `limit` members (account, name) behind the key `after`, by key."""

    # --- messages

    def append(self, drafts: Sequence[Draft], at: int) -> list[Receipt]:
        """Put `drafts` at the ends of their rooms, in this order; one receipt for each.

        `seq` goes up by one per fresh message of a room. A draft whose author
        and nonce are known is not appended again: its receipt is the first one's.
        """

    def messages_before(self, room: int, before: int, limit: int) -> list[MessageRecord]:
        """The last `limit` messages with a lower seq than `before`, oldest first."""

    def messages_after(self, room: int, after: int, limit: int) -> list[MessageRecord]:
        """The first `limit` messages with a higher seq than `after`, oldest first."""
