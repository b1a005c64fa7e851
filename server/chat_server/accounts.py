"""Who someone is: registration, log-in, and the tokens that let a device come back."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from chat_server.config import Registration
from chat_server.passwords import Passwords
from chat_server.store import AccountRecord, TakenError
from chat_server.store.threads import Storage
from chat_shared.errors import Code, Refused
from chat_shared.names import check_name, check_password, fold, prepare_password

_TOKEN: Final = 32  # random bytes: 256 bits need no salt, no stretching and no back-off

_WRONG: Final = "This name and password do not belong together."


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

    async def register(self, name: str, password: str) -> Identity:
        """Make an account. Raises Refused."""
        if self.registration != "open":
            raise Refused(
                Code.REGISTRATION_CLOSED, "This server takes no new accounts. Ask its operator."
            )
        shown = check_name(name)
        taken = Refused(Code.NAME_TAKEN, f"The name {shown} is taken. Choose another.")
        prepared = check_password(password)
        key = fold(shown)
        if await self._storage.read(lambda store: store.account(key)):
            raise taken
        kept = await self._passwords.hash(prepared)
        try:
            account = await self._storage.write(
                lambda store: store.add_account(key, shown, kept, self._now())
            )
        except TakenError:  # by somebody who was hashing at the same time
            raise taken from None
        return await self._issue(account)

    async def log_in(self, name: str, password: str) -> Identity:
        """Prove to be `name`. Raises Refused."""
        account = await self._storage.read(lambda store: store.account(fold(name)))
        if account is None and self.registration == "open":
            raise Refused(Code.UNKNOWN_ACCOUNT, "Nobody has this name here yet.")
        try:
            prepared = prepare_password(password)
        except UnicodeEncodeError:
            prepared = ""  # what nobody can have chosen, checked all the same
        right, update = await self._passwords.verify_and_update(
            prepared, account.password if account else ""
        )
        if account is None or not right:
            raise Refused(Code.WRONG_CREDENTIALS, _WRONG)
        if update is not None:
            await self._storage.write(lambda store: store.set_password(account.id, update))
        return await self._issue(account)

    async def resume(self, token: str) -> Identity:
        """Prove to be whoever was given `token`. Costs no hash of a password. Raises Refused."""
        digest = _digest(token)
        account = await self._storage.read(lambda store: store.account_of_token(digest))
        if account is None:
            raise Refused(Code.BAD_TOKEN, "This device was logged out. Log in again.")
        return Identity(account, token, digest, [])

    async def forget(self, digest: bytes) -> None:
        """Make the token of this digest void."""
        await self._storage.write(lambda store: store.remove_token(digest))

    async def _issue(self, account: AccountRecord) -> Identity:
        token = secrets.token_urlsafe(_TOKEN)
        digest = _digest(token)
        void = await self._storage.write(
            lambda store: store.add_token(digest, account.id, self._now(), self._tokens)
        )
        return Identity(account, token, digest, void)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
