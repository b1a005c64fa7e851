"""What the house remembers, and the promises of whatever remembers it.

`Store` is plain synchronous functions, each one whole transaction, called on
the store's own threads through `Storage`. Nothing outside this package knows
that there is SQL, nor that this process made every message.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from msgspec import Struct

from chat_server.store.attention import AttentionStore
from chat_server.store.operators import OperatorsStore
from chat_server.store.owners import AuditRecord, OwnersStore


class StoreError(Exception):
    """The store could not do it: a full or failing disk. Nothing was half-written."""


class TakenError(Exception):
    """Somebody else has this name already."""


class VoidInviteError(Exception):
    """This invitation, to a server or a room, was used, or has expired, or there never was one."""


class BlockedError(Exception):
    """The accounts `args`, of two, want no room with the other one."""


@dataclass(frozen=True, slots=True)
class AccountRecord:
    id: int
    name: str
    password: str  # as hashed
    locked: bool = False
    removed: bool = False


@dataclass(frozen=True, slots=True)
class TokenRecord:
    digest: bytes
    created: int  # milliseconds since 1970, UTC
    seen: int  # when it was last used, likewise


class Peer(Struct, frozen=True, gc=False):
    """One of the two of a room of two."""

    account: int
    name: str
    member: bool
    removed: bool
    blocks: bool = False  # the other one


@dataclass(frozen=True, slots=True)
class RoomRecord:
    id: int
    name: str
    owner: str
    topic: str
    password: str  # as hashed; empty for a room that cannot be joined by password
    last_seq: int
    removed: bool = False
    keep: int | None = None  # milliseconds; 0 for ever; None as the server does
    peers: tuple[Peer, ...] = ()  # of a room of two


class Draft(Struct, frozen=True, gc=False):
    """A message before it has its place. A Struct, as one is made for every message."""

    room: int
    author: int
    text: str  # or the emoji of a reaction
    nonce: str
    reply: int = 0
    change: str = ""  # edit, delete or react, what is done to the message `of`
    of: int = 0
    off: bool = False  # of a reaction: take it back


class Receipt(Struct, frozen=True, gc=False):
    """Where a draft stands. Not `fresh` if it stood there already, by its nonce."""

    room: int
    seq: int
    at: int  # milliseconds since 1970, UTC
    fresh: bool
    late: bool = False  # a change of what cannot be changed any more: it is `of` nothing
    act: AuditRecord | None = None  # what was noted of it for the members of the room


class MessageRecord(Struct, frozen=True, gc=False):
    """A message as it is kept. A Struct, as a page makes two hundred."""

    seq: int
    author: str
    text: str
    at: int  # milliseconds since 1970, UTC
    nonce: str
    reply: int = 0
    edited: int | None = None  # when it was, last
    deleted: bool = False
    change: str = ""  # as Draft's; an edit has the text that its message has by now
    of: int = 0
    off: bool = False


@dataclass(frozen=True, slots=True)
class TargetRecord:
    """What somebody wants to change."""

    author: int
    change: str  # as MessageRecord's: a change cannot be changed
    deleted: bool
    emojis: frozenset[str]  # those under it


@dataclass(frozen=True, slots=True)
class ReactionRecord:
    emoji: str
    count: int
    names: list[str]  # of the first
    mine: bool


class Store(AttentionStore, OperatorsStore, OwnersStore, Protocol):
    """Every method is one transaction: it happened as a whole, or it raised and did not.

    Any of them may raise StoreError. None may be called from the event loop.
    """

    # --- accounts

    def add_account(
        self, key: str, name: str, password: str, at: int, invite: bytes | None = None
    ) -> AccountRecord:
        """Make an account, a member of the general room, and use up `invite` if there is one.

        Raises TakenError, VoidInviteError.
        """

    def has_invite(self, digest: bytes, at: int) -> bool:
        """Whether an invitation can be used at that time."""

    def account(self, key: str) -> AccountRecord | None: ...

    def set_password(self, account: int, password: str) -> None: ...

    def add_token(self, digest: bytes, account: int, at: int, keep: int) -> list[bytes]:
        """Let `digest` resume `account`; return the oldest digests beyond `keep`, now void."""

    def account_of_token(self, digest: bytes) -> AccountRecord | None: ...

    def remove_token(self, digest: bytes) -> None: ...

    def tokens(self, account: int) -> list[TokenRecord]:
        """Those that can resume `account`, the newest first."""

    def set_seen(self, seen: Mapping[bytes, int]) -> None:
        """Note when tokens were last used; those that are void by now are passed over."""

    def remove_other_tokens(self, account: int, keep: bytes) -> list[bytes]:
        """Make the tokens of `account` void, all but `keep`; return those that are now."""

    def change_password(self, account: int, password: str, keep: bytes) -> list[bytes]:
        """Set the password (as hashed), and do as `remove_other_tokens`."""

    # --- wrong guesses, by a digest of who guessed at what

    def throttle(self, digest: bytes) -> tuple[int, int]:
        """How many were wrong, and when the last one was; zeros if there is none."""

    def set_guesses(self, digest: bytes, wrong: int, at: int) -> None:
        """Keep what `guesses` returns."""

    def tidy_guesses(self, before: int, most: int) -> None:
        """Forget guesses older than that, and the oldest beyond so many."""

    # --- rooms

    def rooms(self) -> list[RoomRecord]:
        """Every room, the general one first; those too that were removed and are not swept."""

    def add_room(self, key: str, name: str, owner: int, password: str, at: int) -> RoomRecord:
        """Make a room with its owner as its only member. Raises TakenError."""

    def rooms_of(self, account: int) -> list[int]: ...

    def add_member(self, room: int, account: int, at: int, invite: bytes | None = None) -> None:
        """Make `account` a member, and use up `invite` if there is one. Raises VoidInviteError."""

    def open_direct(self, low: int, high: int, at: int) -> RoomRecord:
        """Make the room of these two, if there is none, and members of those who are not.

        Not of an account that was deleted. Raises BlockedError where one has blocked
        the other.
        """

    def surplus_direct(self, account: int, most: int, but: int) -> list[tuple[int, int]]:
        """The rooms of two that `account` is in beyond `most`, those that it misses least.

        First where nothing was said, then where it has said nothing, then where it has
        read everything, then the rest; of each, the quietest first. Never `but`. Each
        comes with the number of what was said there last.
        """

    def thin_out_direct(self, most: int) -> None:
        """End the memberships of everybody in rooms of two beyond `most`, as `surplus_direct`."""

    # --- messages

    def append(self, drafts: Sequence[Draft], at: int) -> list[Receipt]:
        """Put `drafts` at the ends of their rooms, in this order; one receipt for each.

        `seq` goes up by one per fresh message of a room. A draft whose author
        and nonce are known is not appended again: its receipt is the first one's.
        Members whom a draft calls by name are noted with it.
        A change takes effect with its commit, or, if its message cannot be changed
        any more, none: then it takes its number and is `late`. Where it deletes what
        somebody else has said, that is noted as an act.
        """

    def receipt(self, author: int, nonce: str) -> Receipt | None:
        """Where the draft with this nonce of `author` stands, if one was appended and is kept."""

    def target(self, room: int, seq: int) -> TargetRecord | None: ...

    def messages_before(self, room: int, before: int, limit: int) -> list[MessageRecord]:
        """The last `limit` messages with a lower seq than `before`, oldest first."""

    def messages_after(self, room: int, after: int, limit: int) -> list[MessageRecord]:
        """The first `limit` messages with a higher seq than `after`, oldest first."""

    def messages_at(self, room: int, seqs: Collection[int]) -> list[MessageRecord]:
        """Those of the messages `seqs` that there are, oldest first."""

    def reactions(
        self, room: int, seqs: Collection[int], account: int, names: int
    ) -> dict[int, list[ReactionRecord]]:
        """What is under each of the messages `seqs` that has any, by seq, as `account` sees it.

        The first emoji first, with so many names at most.
        """
