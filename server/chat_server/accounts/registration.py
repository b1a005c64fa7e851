"""Who may register an account, and how many from one address. Creates none itself."""

from collections.abc import Callable
from typing import Final

import trio

from chat_server.accounts.codes import code_digest
from chat_server.accounts.login_throttle import LoginThrottle
from chat_server.config import Registration
from chat_server.sessions.rate_limits import TokenBuckets
from chat_server.store.api import Store
from chat_server.store.threads import Storage
from chat_shared.errors import Code, Refused

# Seconds until one more account can be registered from an address, after as many as the
# settings allow at once. Accounts are not deleted by themselves, and names stay taken.
REGISTERED_EVERY: Final = 60.0

_TOO_MANY_REGISTERED: Final = (
    "Too many accounts have been registered from your address. Try again in a minute."
)
_CLOSED: Final = "This server isn't accepting new accounts. Contact its operator."
_UNINVITED: Final = (
    "This server needs an invitation code. The code you gave is missing, wrong, expired or "
    "already used. Ask for a new one."
)
_BAD_INVITE: Final = (
    "This invitation code is wrong, expired or already used. "
    "Ask for a new one, or leave it out: this server needs none."
)


class RegistrationPolicy:
    """Lets people register as the operator has decided."""

    def __init__(
        self,
        storage: Storage,
        registration: Registration,
        now: Callable[[], int],
        *,
        by_members: bool,
        registrations: int,
    ) -> None:
        """`by_members` says whether invitations to rooms count, where registering needs one.

        So many `registrations` are possible from one address at once.
        """
        self.registration: Final = registration
        self._storage = storage
        self._now = now  # milliseconds since 1970, UTC
        self._by_members = by_members
        self._throttle = LoginThrottle(storage, now, of="invitation codes")
        self._registered = TokenBuckets(registrations, 1 / REGISTERED_EVERY)  # by address

    def charge(self, address: str) -> None:
        """Count an account created from `address`. Raises Refused (too_fast)."""
        if address:  # else it is this machine
            self._registered.take_or_refuse(address, trio.current_time(), _TOO_MANY_REGISTERED)

    async def check_invited(self, invite: str, address: str) -> bytes | None:
        """Return the digest of the invitation that registering uses up; None without one.

        Wrong ones from `address` take ever longer. Raises Refused (registration_closed, too_fast).
        """
        if self.registration == "closed":
            raise Refused(Code.REGISTRATION_CLOSED, _CLOSED)
        if self.registration == "open" and not invite.strip():
            return None
        digest = code_digest(invite)
        if not invite.strip() or not await self._is_right(digest, address):
            raise self.uninvited()
        return digest

    async def _is_right(self, digest: bytes, address: str) -> bool:
        async def verify() -> bool:
            return await self._storage.read(lambda store: self._may_register(store, digest))

        if not address:  # this machine
            return await verify()
        return await self._throttle.attempt(verify, "invitation", address)

    def uninvited(self) -> Refused:
        """Return the refusal of an invitation that does not let anyone register."""
        sentence = _BAD_INVITE if self.registration == "open" else _UNINVITED
        return Refused(Code.REGISTRATION_CLOSED, sentence)

    def _may_register(self, store: Store, digest: bytes) -> bool:
        now = self._now()
        if store.has_invite(digest, now):
            return True
        counts = self.registration == "open" or self._by_members
        return counts and store.invited_room(digest, now) is not None
