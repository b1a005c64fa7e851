"""Who has logged in, and the token that resumes it. Every way to log in ends with these."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from chat_server.store.api import AccountRecord, Store
from chat_shared.errors import Code, Refused
from chat_shared.names import fold

_TOKEN: Final = 32  # random bytes: 256 bits need no salt, no stretching and no back-off

_SOON: Final = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class Identity:
    """An authenticated account, and a token that resumes it."""

    account: AccountRecord
    token: str
    digest: bytes
    revoked: list[bytes]  # digests of tokens beyond the limit, which this one replaces


def new_token() -> str:
    """Return a token that nobody can guess."""
    return secrets.token_urlsafe(_TOKEN)


def token_digest(token: str) -> bytes:
    """Return the digest under which a token is stored."""
    return hashlib.sha256(token.encode()).digest()


def check_unchanged(store: Store, account: AccountRecord) -> None:
    """Raise Refused (too_fast) if `account` has changed since it was read: hashing takes time.

    A password that was changed meanwhile, or an account locked or deleted, must
    not leave behind a log-in that was obtained with the old one.
    """
    if store.account(fold(account.name)) != account:
        raise Refused(
            Code.TOO_FAST, "This account has just been changed. Try again.", retry_after=_SOON
        )
