"""Accounts: created, locked and unlocked, deleted; a name is never given to someone else.

Those of guests are created, and become ordinary ones, in `guests`.
"""

from dataclasses import dataclass
from typing import Protocol

from chat_server.store.api.audit import AuditRecord
from chat_server.store.api.ownership import Transfer


@dataclass(frozen=True, slots=True)
class AccountRecord:
    id: int
    name: str
    password: str  # as hashed
    locked: bool = False
    removed: bool = False
    guest_until: int = 0  # when a guest's account ends, in milliseconds since 1970, UTC


class AccountStore(Protocol):
    """The part of `Store` that keeps accounts. `key` is the folded name."""

    def add_account(self, key: str, name: str, password: str, at: int) -> AccountRecord:
        """Add an account and make it a member of the general room. Raises TakenError."""

    def add_invited_account(
        self, key: str, name: str, password: str, at: int, invite: bytes
    ) -> tuple[AccountRecord, AuditRecord | None]:
        """As `add_account`, and use up the invitation with this digest.

        If it was to a room, the account is a member there, too, which the audit entry says.
        Raises InvalidInviteError as well.
        """

    def account(self, key: str) -> AccountRecord | None: ...

    def set_password(self, account: int, password: str) -> None: ...

    def reset_password(self, account: int, password: str) -> None:
        """Set the password (as hashed), and remove all SSH keys: they log in without it."""

    def set_locked(self, account: int, at: int | None) -> None:
        """Lock `account` from `at` on, so that nobody logs in to it; None unlocks it."""

    def remove_account(self, account: int, at: int) -> list[Transfer]:
        """Delete `account`, its tokens, SSH keys, memberships and blocks.

        Returns the transfers of its rooms. Each room goes to its oldest member. The messages stay
        with their files, and so does the name, so that nobody else can seem to have written them.
        """
