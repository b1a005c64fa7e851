"""SSH keys that log in to accounts: added, removed, recognized. Does not verify signatures.

A key may log in to several accounts: otherwise anyone could keep people from adding theirs, since
public keys are public.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from chat_server.accounts.identity import Identity, check_unchanged, new_token, token_digest
from chat_server.clock import rfc3339
from chat_server.store.api import (
    AccountRecord,
    FullError,
    GoneError,
    SshKeyRecord,
    Store,
    TakenError,
)
from chat_server.store.threads import Storage
from chat_shared.errors import BadSshKey, Code, Refused
from chat_shared.limits import MAX_SSH_KEYS
from chat_shared.messages import SshKeyInfo
from chat_shared.names import fold
from chat_shared.ssh_keys import SshKey, digest_of, fingerprint_of, parse_key

# The same whether there is no such account, it is locked, or it has other keys or none.
_UNKNOWN: Final = partial(
    Refused, Code.WRONG_CREDENTIALS, "This SSH key doesn't log in to that account."
)
_FULL: Final = partial(
    Refused, Code.FORBIDDEN, f"An account can have {MAX_SSH_KEYS} SSH keys. Remove one first."
)
_HELD: Final = partial(Refused, Code.FORBIDDEN, "This SSH key is among yours already.")
_GONE: Final = partial(Refused, Code.FORBIDDEN, "No such SSH key. It may already be removed.")


class AccountSshKeys:
    """The keys of accounts, each known by its SHA-256."""

    def __init__(self, storage: Storage, tokens: int, now: Callable[[], int]) -> None:
        self._storage = storage
        self._tokens = tokens  # given for the keys of an account; the oldest beyond are revoked
        self._now = now  # milliseconds since 1970, UTC

    async def logs_in(self, name: str, key: bytes) -> bool:
        """Return whether a key logs in to the account `name`.

        The answer takes one look-up and tells nothing else about the account.
        """
        folded, digest = fold(name), digest_of(key)
        return await self._storage.read(lambda store: store.has_ssh_key(folded, digest))

    async def log_in(self, name: str, key: bytes) -> Identity:
        """Authenticate by a key whose holder has been verified.

        Raises Refused (wrong_credentials).
        """
        token = new_token()
        account = await self._storage.read(lambda store: store.account(fold(name)))
        if account is None:
            raise _UNKNOWN()
        try:
            revoked = await self._storage.write(
                lambda store: store.add_token_by_ssh_key(
                    token_digest(token), account.id, digest_of(key), self._now(), self._tokens
                )
            )
        except GoneError:
            raise _UNKNOWN() from None
        return Identity(account, token, token_digest(token), revoked)

    async def list_keys(self, account: int, token: bytes) -> list[SshKeyInfo]:
        """Return the keys of `account`, the oldest first; `token` is the digest of one of its."""

        def read(store: Store) -> tuple[list[SshKeyRecord], bytes]:
            return store.ssh_keys(account), store.ssh_key_of_token(token)

        keys, current = await self._storage.read(read)
        return [_info(key, current=key.digest == current) for key in keys]

    async def add(self, account: AccountRecord, key: SshKey) -> None:
        """Let `key` log in to `account`, whose password has been given.

        Raises Refused (forbidden; too_fast if the account has changed meanwhile).
        """
        record = SshKeyRecord(digest_of(key.data), key.kind, key.comment, self._now())

        def write(store: Store) -> None:
            check_unchanged(store, account)
            store.add_ssh_key(account.id, record, MAX_SSH_KEYS)

        try:
            await self._storage.write_bulk(write)
        except TakenError:
            raise _HELD() from None
        except FullError:
            raise _FULL() from None

    async def remove(self, account: int, fingerprint: str) -> list[bytes]:
        """Remove a key; return the digests of the tokens it was given. Raises Refused (forbidden).

        They are revoked.
        """
        keys = await self._storage.read(lambda store: store.ssh_keys(account))
        digests = {fingerprint_of(key.digest): key.digest for key in keys}
        digest = digests.get(fingerprint, b"")
        revoked = await self._storage.write(lambda store: store.remove_ssh_key(account, digest))
        if revoked is None:
            raise _GONE()
        return revoked


def read_key(text: str) -> SshKey:
    """Return the key in `text`. Raises Refused (bad_request)."""
    try:
        return parse_key(text)
    except BadSshKey as exc:
        raise Refused(Code.BAD_REQUEST, str(exc)) from None


def _info(key: SshKeyRecord, *, current: bool) -> SshKeyInfo:
    return SshKeyInfo(
        fingerprint_of(key.digest),
        key.kind,
        key.comment,
        rfc3339(key.added),
        rfc3339(key.used) if key.used is not None else "",
        current,
    )
