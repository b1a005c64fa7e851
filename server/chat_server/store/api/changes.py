"""Changes to messages: edits, deletions and reactions. `append` makes them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class TargetRecord:
    """A message as far as a change to it needs to know it."""

    author: int
    change: str  # as MessageRecord's: a change cannot be changed
    deleted: bool
    emojis: frozenset[str]  # of its reactions


@dataclass(frozen=True, slots=True)
class ReactionRecord:
    emoji: str
    count: int
    names: list[str]  # of those who reacted first
    mine: bool


class ChangeStore(Protocol):
    """The part of `Store` that keeps what changes leave behind."""

    def target(self, room: int, seq: int) -> TargetRecord | None: ...

    def reactions(
        self, room: int, seqs: Collection[int], account: int, names: int
    ) -> dict[int, list[ReactionRecord]]:
        """Return the reactions to those of `seqs` that have any, by seq, as `account` sees them.

        The emoji used first comes first, each with at most `names` names.
        """
