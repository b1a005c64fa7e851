"""Accounts: registering, logging in, changing the password, deleting. Knows no connection."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from chat_server.accounts.identity import Identity, check_unchanged, new_token, token_digest
from chat_server.accounts.login_throttle import LoginThrottle
from chat_server.accounts.passwords import OPERATOR, Passwords
from chat_server.accounts.registration import RegistrationPolicy
from chat_server.accounts.sessions import AccountSessions
from chat_server.accounts.ssh_keys import AccountSshKeys
from chat_server.config import Registration
from chat_server.store.api import (
    AccountRecord,
    GoneError,
    InvalidInviteError,
    Store,
    TakenError,
    Transfer,
)
from chat_server.store.threads import Storage
from chat_server.tasks.gathering import Gathering
from chat_shared.errors import Code, Refused
from chat_shared.names import check_account_name, check_password, fold, prepare_password

NO_ACCOUNT: Final = "There is no account with this name."

_CHECKED: Final = 16  # tokens that are looked up at a time: a millisecond

_WRONG: Final = "Wrong name or password."
_WRONG_PASSWORD: Final = "Wrong password."  # noqa: S105 - a sentence


class AddInvited(Protocol):
    """Adds an account by the invitation with this digest, and to the room that it is to.

    Raises TakenError, InvalidInviteError.
    """

    async def __call__(
        self, key: str, name: str, password: str, invite: bytes
    ) -> AccountRecord: ...


class Accounts:
    """Authenticates. Does not know who is connected."""

    def __init__(
        self,
        storage: Storage,
        passwords: Passwords,
        *,
        registration: Registration,
        tokens: int,
        now: Callable[[], int],
        add_invited: AddInvited,
        by_members: bool = True,
        registrations: int = 100,
    ) -> None:
        """`by_members` says whether invitations to rooms count, where registering needs one."""
        self.policy: Final = RegistrationPolicy(
            storage, registration, now, by_members=by_members, registrations=registrations
        )
        self._storage = storage
        self._checking: Gathering[bytes, AccountRecord | None] = Gathering(
            self._accounts_of, _CHECKED
        )
        self._passwords = passwords
        self._tokens = tokens  # per account; the oldest ones beyond that are revoked
        self._now = now  # milliseconds since 1970, UTC
        self._add_invited = add_invited
        self._throttle = LoginThrottle(storage, now)
        self.sessions: Final = AccountSessions(storage, now)
        self.ssh_keys: Final = AccountSshKeys(storage, tokens, now)

    async def register(
        self, name: str, password: str, invite: str = "", address: str = ""
    ) -> Identity:
        """Create an account, on a request from `address`; join the room of `invite`, if it has one.

        Raises Refused (registration_closed, name_taken, too_fast, and as `check_account_name`
        and `check_password`).
        """
        # Checked first: without an invitation, nobody learns which names are taken.
        invitation = await self.policy.check_invited(invite, address)
        shown = check_account_name(name)
        prepared = check_password(password)
        key = fold(shown)
        if await self._storage.read(lambda store: store.account(key)):
            raise name_taken(shown)
        if invitation is None:
            self.policy.charge(address)
        hashed = await self._passwords.hash(prepared, address)
        try:
            account = await self._add(key, shown, hashed, invitation)
        except TakenError:  # registered by another connection during the hashing
            raise name_taken(shown) from None
        except InvalidInviteError:  # likewise
            raise self.policy.uninvited() from None
        return await self.issue_token(account)

    async def log_in(self, name: str, password: str, address: str = "") -> Identity:
        """Authenticate by password, on a request from `address`.

        Raises Refused (unknown_account, wrong_credentials, forbidden if locked, too_fast).
        """
        account = await self._storage.read(lambda store: store.account(fold(name)))
        if account is None and self.policy.registration == "open":
            raise Refused(Code.UNKNOWN_ACCOUNT, NO_ACCOUNT)
        rehashed = await self._authenticate(name, account, password, address)
        assert account is not None  # or the password could not have been right
        if account.locked:  # revealed only to those who know the password
            raise Refused(Code.FORBIDDEN, "This account is locked. Contact the server's operator.")
        return await self.issue_token(account, rehashed)

    async def resume(self, token: str) -> Identity:
        """Authenticate by token, which costs no password hash. Raises Refused (bad_token)."""
        digest = token_digest(token)
        return Identity(await self.check_token(digest), token, digest, [])

    async def check_token(self, digest: bytes) -> AccountRecord:
        """Return the account of a valid token. Raises Refused (bad_token)."""
        account = await self._checking.ask(digest)
        if account is None:
            raise _bad_token()
        return account

    async def _accounts_of(self, digests: Sequence[bytes]) -> list[AccountRecord | None]:
        return await self._storage.read(
            lambda store: [store.account_of_token(digest) for digest in digests]
        )

    async def change_password(
        self, name: str, old: str, new: str, *, current: bytes, token: str = "", address: str
    ) -> Identity:
        """Set a new password, and put `token`, or a new one, in place of the one with this digest.

        All others are revoked, and so is that: somebody may have a copy of it. SSH keys are
        removed, but for the one that this session began by. Raises Refused (wrong_credentials,
        too_fast, bad_token, bad_request, and as `check_password`).
        """
        prepared = check_password(new)
        token = token or new_token()
        digest = token_digest(token)
        account = await self.check_password(name, old, address)
        hashed = await self._passwords.hash(prepared, address)
        try:
            revoked = await self._storage.write(
                lambda store: self._replace_password(store, account, hashed, current, digest)
            )
        except GoneError:  # revoked by another device
            raise _bad_token() from None
        except TakenError:
            raise Refused(Code.BAD_REQUEST, "`token` must be a new one.") from None
        return Identity(account, token, digest, revoked)

    async def delete(self, name: str, password: str, address: str) -> list[Transfer]:
        """Delete an account; return the new owners of its rooms.

        Its messages stay, and its name stays taken: someone else's use of it would make them
        look like theirs. Raises Refused (wrong_credentials, too_fast).
        """
        account = await self.check_password(name, password, address)
        return await self._storage.write(
            lambda store: store.remove_account(account.id, self._now())
        )

    async def check_password(self, name: str, password: str, address: str) -> AccountRecord:
        """Return an account whose password has been given. Raises as `delete`."""
        account = await self._storage.read(lambda store: store.account(fold(name)))
        await self._authenticate(name, account, password, address, wrong=_WRONG_PASSWORD)
        assert account is not None  # or the password could not have been right
        return account

    async def reset_password(self, account: AccountRecord, password: str) -> None:
        """Set a new password without asking for the old one, and remove the account's SSH keys.

        Raises Refused (too_fast).
        """
        hashed = await self._passwords.hash(check_password(password), OPERATOR)
        await self._storage.write(lambda store: store.reset_password(account.id, hashed))

    async def revoke_token(self, digest: bytes) -> None:
        """Revoke the token with this digest."""
        await self._storage.write(lambda store: store.revoke_token(digest))

    async def _add(
        self, key: str, name: str, password: str, invitation: bytes | None
    ) -> AccountRecord:
        """Store an account. Raises TakenError, InvalidInviteError."""
        if invitation is not None:
            return await self._add_invited(key, name, password, invitation)
        return await self._storage.write_bulk(
            lambda store: store.add_account(key, name, password, self._now())
        )

    async def _authenticate(
        self,
        name: str,
        account: AccountRecord | None,
        password: str,
        address: str,
        *,
        wrong: str = _WRONG,
    ) -> str | None:
        """Return the new hash of `password`, if its stored one is of an outdated kind.

        Raises Refused (wrong_credentials) if it is not the password of `account`, and in
        the same time and words if there is no account; or too_fast.
        """
        rehashed: str | None = None

        async def verify() -> bool:  # prepares nothing for those who must wait
            nonlocal rehashed
            right, rehashed = await self._passwords.verify_and_update(
                _prepared(password), account.password if account else "", address, typed=password
            )
            return right

        if not await self._throttle.attempt(verify, "account", fold(name), address):
            raise Refused(Code.WRONG_CREDENTIALS, wrong)
        return rehashed

    async def issue_token(self, account: AccountRecord, rehashed: str | None = None) -> Identity:
        """Log in to `account`, which has been authenticated; store its new hash, if it has one.

        Raises Refused (too_fast) if it has changed meanwhile.
        """
        token = new_token()
        digest = token_digest(token)
        revoked = await self._storage.write(
            lambda store: self._add_token(store, account, rehashed, digest)
        )
        return Identity(account, token, digest, revoked)

    # These two run on the store's thread, one transaction each.

    def _add_token(
        self, store: Store, account: AccountRecord, rehashed: str | None, digest: bytes
    ) -> list[bytes]:
        check_unchanged(store, account)
        if rehashed is not None:
            store.set_password(account.id, rehashed)
        return store.add_token(digest, account.id, self._now(), self._tokens)

    def _replace_password(
        self, store: Store, account: AccountRecord, hashed: str, current: bytes, new: bytes
    ) -> list[bytes]:
        check_unchanged(store, account)
        return store.change_password(account.id, hashed, current, new)


async def find_account(storage: Storage, name: str) -> AccountRecord:
    """Return the account with this name, not deleted. Raises Refused (unknown_account)."""
    account = await storage.read(lambda store: store.account(fold(name)))
    if account is None or account.removed:
        raise Refused(Code.UNKNOWN_ACCOUNT, NO_ACCOUNT)
    return account


def name_taken(name: str) -> Refused:
    """Return the refusal of a name that somebody has."""
    return Refused(Code.NAME_TAKEN, f"The name {name} is taken. Choose another.")


def _bad_token() -> Refused:
    return Refused(Code.BAD_TOKEN, "This device was logged out. Log in again.")


def _prepared(password: str) -> str:
    try:
        return prepare_password(password)
    except UnicodeEncodeError:
        return ""  # cannot be anyone's password, and takes as long to check
