"""Who someone is: registration, log-in, and the tokens that let a device come back."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from chat_server.accounts.codes import digest_of
from chat_server.accounts.login_throttle import LoginThrottle
from chat_server.accounts.passwords import Passwords
from chat_server.accounts.sessions import AccountSessions
from chat_server.config import Registration
from chat_server.store.api import AccountRecord, InvalidInviteError, Store, TakenError, Transfer
from chat_server.store.threads import Storage
from chat_shared.errors import Code, Refused
from chat_shared.names import check_name, check_password, fold, prepare_password

_SOON: Final = 1.0  # seconds

_TOKEN: Final = 32  # random bytes: 256 bits need no salt, no stretching and no back-off

_WRONG: Final = "This name and password do not belong together."
_CLOSED: Final = "This server takes no new accounts. Ask its operator."
_UNINVITED: Final = (
    "This server takes new accounts by invitation. This one was used, or has expired, "
    "or never was: ask its operator for another."
)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who has proved to be somebody, and the token they may come back with."""

    account: AccountRecord
    token: str
    digest: bytes
    void: list[bytes]  # digests of tokens that this one has replaced


class Accounts:
    """Proves who somebody is. Does not know who is connected."""

    def __init__(
        self,
        storage: Storage,
        passwords: Passwords,
        *,
        registration: Registration,
        tokens: int,
        now: Callable[[], int],
    ) -> None:
        self.registration: Final = registration
        self._storage = storage
        self._passwords = passwords
        self._tokens = tokens  # how many an account may have
        self._now = now  # milliseconds since 1970, UTC
        self._throttle = LoginThrottle(storage, now)
        self.devices: Final = AccountSessions(storage, now)

    async def register(self, name: str, password: str, invite: str = "") -> Identity:
        """Make an account. Raises Refused."""
        # Before anything else: who is not invited is not told which names are taken.
        invitation = await self._check_invited(invite)
        shown = check_name(name)
        taken = Refused(Code.NAME_TAKEN, f"The name {shown} is taken. Choose another.")
        prepared = check_password(password)
        key = fold(shown)
        if await self._storage.read(lambda store: store.account(key)):
            raise taken
        kept = await self._passwords.hash(prepared)
        try:
            account = await self._storage.write(
                lambda store: store.add_account(key, shown, kept, self._now(), invitation)
            )
        except TakenError:  # by somebody who was hashing at the same time
            raise taken from None
        except InvalidInviteError:  # likewise
            raise Refused(Code.REGISTRATION_CLOSED, _UNINVITED) from None
        return await self._issue(account, None)

    async def log_in(self, name: str, password: str, address: str = "") -> Identity:
        """Prove to be `name`, to whoever asks from `address`. Raises Refused."""
        account = await self._storage.read(lambda store: store.account(fold(name)))
        if account is None and self.registration == "open":
            raise Refused(Code.UNKNOWN_ACCOUNT, "Nobody has this name here yet.")
        update = await self._prove(name, account, password, address)
        assert account is not None  # or nothing had been proved
        if account.locked:  # told only to who knows the password
            raise Refused(Code.FORBIDDEN, "This account is locked. Ask the server's operator.")
        return await self._issue(account, update)

    async def resume(self, token: str) -> Identity:
        """Prove to be whoever was given `token`. Costs no hash of a password. Raises Refused."""
        digest = digest_of_token(token)
        return Identity(await self.confirm(digest), token, digest, [])

    async def confirm(self, digest: bytes) -> AccountRecord:
        """Return whose token this is, as of now. Raises Refused (bad_token)."""
        account = await self._storage.read(lambda store: store.account_of_token(digest))
        if account is None:
            raise Refused(Code.BAD_TOKEN, "This device was logged out. Log in again.")
        return account

    async def change_password(
        self, name: str, old: str, new: str, *, keep: bytes, address: str
    ) -> list[bytes]:
        """Let `name` log in with `new` only; return the tokens that are void now: all but `keep`.

        Raises Refused.
        """
        prepared = check_password(new)
        account = await self._storage.read(lambda store: store.account(fold(name)))
        await self._prove(name, account, old, address)
        assert account is not None  # or nothing had been proved
        kept = await self._passwords.hash(prepared)
        return await self._storage.write(
            lambda store: self._replace_password(store, account, kept, keep)
        )

    async def delete(self, name: str, password: str, address: str) -> list[Transfer]:
        """Let nobody be `name` again; return what became of their rooms. Raises Refused.

        What they said stays, and so does the name: one that were free again would let
        somebody else seem to have said it.
        """
        account = await self._storage.read(lambda store: store.account(fold(name)))
        await self._prove(name, account, password, address)
        assert account is not None  # or nothing had been proved
        return await self._storage.write(
            lambda store: store.remove_account(account.id, self._now())
        )

    async def set_password(self, account: AccountRecord, password: str) -> None:
        """Let `account` log in with `password`, and with no other, from now on."""
        kept = await self._passwords.hash(check_password(password))
        await self._storage.write(lambda store: store.set_password(account.id, kept))

    async def forget(self, digest: bytes) -> None:
        """Make the token of this digest void."""
        await self._storage.write(lambda store: store.revoke_token(digest))

    async def _check_invited(self, invite: str) -> bytes | None:
        """Return what is used up by registering, if anything. Raises Refused."""
        if self.registration == "closed":
            raise Refused(Code.REGISTRATION_CLOSED, _CLOSED)
        if self.registration == "open":
            return None
        digest = digest_of(invite)
        if not await self._storage.read(lambda store: store.has_invite(digest, self._now())):
            raise Refused(Code.REGISTRATION_CLOSED, _UNINVITED)
        return digest

    async def _prove(
        self, name: str, account: AccountRecord | None, password: str, address: str
    ) -> str | None:
        """Return what to keep of `password` from now on, if that is of a newer kind.

        Raises Refused where it is not the password of `account`, and in the
        same time and words where there is no account.
        """
        prepared = _prepared(password)
        update: str | None = None

        async def guess() -> bool:
            nonlocal update
            right, update = await self._passwords.verify_and_update(
                prepared, account.password if account else ""
            )
            return right

        if not await self._throttle.check(guess, "account", fold(name), address):
            raise Refused(Code.WRONG_CREDENTIALS, _WRONG)
        return update

    async def _issue(self, account: AccountRecord, update: str | None) -> Identity:
        token = secrets.token_urlsafe(_TOKEN)
        digest = digest_of_token(token)
        void = await self._storage.write(
            lambda store: self._add_token(store, account, update, digest)
        )
        return Identity(account, token, digest, void)

    # These two run on the store's thread, where nothing comes between.

    def _add_token(
        self, store: Store, account: AccountRecord, update: str | None, digest: bytes
    ) -> list[bytes]:
        _check_unchanged(store, account)
        if update is not None:
            store.set_password(account.id, update)
        return store.add_token(digest, account.id, self._now(), self._tokens)

    def _replace_password(
        self, store: Store, account: AccountRecord, kept: str, keep: bytes
    ) -> list[bytes]:
        _check_unchanged(store, account)
        return store.change_password(account.id, kept, keep)


def digest_of_token(token: str) -> bytes:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).digest()


def _prepared(password: str) -> str:
    try:
        return prepare_password(password)
    except UnicodeEncodeError:
        return ""  # what nobody can have chosen, checked all the same


def _check_unchanged(store: Store, account: AccountRecord) -> None:
    """Raise Refused if `account` is not any more what was proved: hashing takes time.

    A password that was changed meanwhile, or an account locked or deleted, must
    not leave behind a token that was won with the old one.
    """
    if store.account(fold(account.name)) != account:
        raise Refused(
            Code.TOO_FAST, "This account was being changed. Try again.", retry_after=_SOON
        )
