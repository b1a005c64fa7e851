"""Sessions of accounts: tokens that log a device in without a password, kept as digests."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from chat_server.store.api.accounts import AccountRecord


@dataclass(frozen=True, slots=True)
class TokenUse:
    """The last use of a token."""

    at: int  # milliseconds since 1970, UTC
    client: str = ""  # what used it
    address: str = ""  # from where; empty for a Unix socket


@dataclass(frozen=True, slots=True)
class TokenRecord:
    digest: bytes
    created: int  # milliseconds since 1970, UTC
    used: TokenUse


class SessionStore(Protocol):
    """The part of `Store` that keeps tokens."""

    def add_token(self, digest: bytes, account: int, at: int, keep: int) -> list[bytes]:
        """Let `digest` log in to `account`; revoke and return the oldest ones beyond `keep`.

        Those given for SSH keys are counted apart. In the order in which they were added, however
        the clock was set meanwhile.
        """

    def account_of_token(self, digest: bytes) -> AccountRecord | None:
        """Return the account that `digest` logs in to, unless that is locked."""

    def tokens(self, account: int) -> list[TokenRecord]:
        """Return the tokens of `account`, newest first."""

    def set_token_uses(self, uses: Mapping[bytes, TokenUse]) -> None:
        """Record the last uses of tokens; ignore those revoked since."""

    def revoke_token(self, digest: bytes) -> None: ...

    def revoke_tokens(self, account: int) -> int:
        """Revoke all tokens of `account`; return how many."""

    def revoke_other_tokens(self, account: int, keep: bytes) -> list[bytes]:
        """Revoke all tokens of `account` but `keep`; return those revoked."""

    def change_password(
        self, account: int, password: str, current: bytes, new: bytes
    ) -> list[bytes]:
        """Set the password (as hashed), and put the token `new` in place of `current`.

        Revokes and returns `current` and all others, and removes all SSH keys but the one that
        `current` was given for: they log in without the password. Raises GoneError if `current`
        was revoked, and TakenError if `new` is in use.
        """
