"""Accounts without rooms around them."""

from chat_server.accounts.accounts import Accounts
from chat_server.accounts.passwords import Passwords
from chat_server.config import Registration
from chat_server.store.api import AccountRecord
from chat_server.store.threads import Storage
from support.clock import Clock
from support.running_server import fast_passwords


def bare_accounts(
    storage: Storage,
    passwords: Passwords | None = None,
    registration: Registration = "open",
    *,
    clock: Clock | None = None,
    registrations: int = 100,
) -> Accounts:
    """Return the accounts of a server; nobody sees who joins a room by an invitation."""
    now = clock or Clock()

    async def add_invited(key: str, name: str, password: str, invite: bytes) -> AccountRecord:
        account, _ = await storage.write(
            lambda store: store.add_invited_account(key, name, password, now(), invite)
        )
        return account

    return Accounts(
        storage,
        passwords or fast_passwords(),
        registration=registration,
        tokens=20,
        now=now,
        add_invited=add_invited,
        registrations=registrations,
    )
