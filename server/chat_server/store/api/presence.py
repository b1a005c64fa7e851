"""Presence: away messages, when accounts were last online, and their state at a log-in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class AccountState:
    """The state of an account that is loaded when its first device connects."""

    away: str
    read: dict[int, int]  # the read position in each room that it is a member of


class PresenceStore(Protocol):
    """The part of `Store` that keeps the presence of accounts."""

    def account_state(self, account: int) -> AccountState: ...

    def set_away(self, account: int, away: str) -> None: ...

    def set_last_seen(self, seen: Mapping[int, int]) -> None:
        """Record when the last device of each account disconnected."""
