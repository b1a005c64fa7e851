"""Every session: who is connected, from where, with how many devices."""

from collections import Counter
from collections.abc import Collection, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import trio

from chat_server.sessions.rate_limits import Rates, TokenBucket, TokenBuckets
from chat_server.sessions.session import Account, Session
from chat_shared.errors import Code, Refused
from chat_shared.handshakes import Handshakes

# TLS handshakes that connections of one address begin at once, as a classroom does; more, if more
# may be connected. As many again begin in turn within these seconds, half of what clients wait.
HANDSHAKES: Final = 100
HANDSHAKES_WITHIN: Final = 5.0

TOO_MANY_DEVICES: Final = (
    "logged out or disconnected: too many devices. Use /sessions to remove one"
)


@dataclass(slots=True)
class _Address:
    """An address with a session connected."""

    requests: TokenBucket  # of all its sessions that are not logged in
    sessions: int = 0


@dataclass(frozen=True, slots=True)
class _Allowances:
    """What accounts of one kind may send, of those that have no session now."""

    posts: TokenBuckets
    requests: TokenBuckets

    @classmethod
    def at(cls, rates: Rates) -> "_Allowances":
        return cls(
            TokenBuckets(rates.posts, rates.posts_per_second),
            TokenBuckets(rates.requests, rates.requests_per_second),
        )

    def claim(self, account: int) -> tuple[TokenBucket, TokenBucket]:
        """Return the buckets of an account, for posts and for other requests, until released."""
        now = trio.current_time()
        return self.posts.claim(account, now), self.requests.claim(account, now)


class SessionRegistry:
    """The sessions of this process. All methods are synchronous: no other task runs meanwhile.

    What sessions may send is counted by account, and by address before they log in: to
    reconnect, or to connect more often, gains nothing.
    """

    def __init__(
        self, *, most: int, most_per_address: int, most_per_account: int, rates: Rates
    ) -> None:
        self._most = most
        self._most_per_address = most_per_address
        self._most_per_account = most_per_account
        self._sessions: set[Session] = set()
        self._addresses: dict[str, _Address] = {}
        self._accounts: dict[int, Account] = {}
        self._people = _Allowances.at(rates)
        self._guests = _Allowances.at(rates.of_guests())
        self._hooks = _Allowances.at(rates.of_hooks())
        # As many may connect from an address at once, and each must be able to log in.
        strangers = max(rates.requests, most_per_address)
        self._strangers = TokenBuckets(strangers, rates.requests_per_second)
        self._handshakes = Handshakes(max(HANDSHAKES, most_per_address), HANDSHAKES_WITHIN)
        self._closed = False
        self.disconnects: Counter[str] = Counter()  # by reason, since the start

    def __len__(self) -> int:
        return len(self._sessions)

    def __iter__(self) -> Iterator[Session]:
        return iter(tuple(self._sessions))

    @property
    def online_accounts(self) -> Collection[Account]:
        """The accounts with a session connected."""
        return self._accounts.values()

    def count_forwarded(self) -> int:
        """Return how many sessions come through the gateway."""
        return sum(bool(session.origin.via) for session in self._sessions)

    @contextmanager
    def connected(self, session: Session) -> Generator[None]:
        """Count `session` during the block. Raises Refused (shutting_down, server_full)."""
        address = session.address
        if self._closed:
            raise Refused(Code.SHUTTING_DOWN, "The server is shutting down. Try again later.")
        if len(self._sessions) >= self._most:
            raise Refused(Code.SERVER_FULL, "The server is full. Try again later.")
        session.posts = session.requests = self._add_to_address(address)
        self._sessions.add(session)
        try:
            yield
        finally:
            self._sessions.remove(session)
            self.disconnects[session.close_for()] += 1
            self._remove(session)
            self._remove_from_address(address)

    def handshake_wait(self, address: str) -> float | None:
        """Return the seconds until a connection from `address` may begin its handshake.

        None if too many wait already. A handshake is most of what a stranger costs.
        """
        return self._handshakes.wait(address, trio.current_time())

    def attach(
        self,
        session: Session,
        account: int,
        name: str,
        guest_until: int = 0,
        *,
        hook: bool = False,
    ) -> Account:
        """Log `session` in to an account, which is charged for it.

        Disconnects its oldest session if there are too many.
        """
        online = self._accounts.get(account)
        if online is None:
            online = self._accounts[account] = self._new_account(
                account, name, guest_until, hook=hook
            )
        staying = [other for other in online.sessions if not other.close_reason]
        if len(staying) >= self._most_per_account:
            staying[0].disconnect(TOO_MANY_DEVICES)
        online.sessions.append(session)
        session.account = online
        session.posts, session.requests = online.posts, online.requests
        online.requests.take(trio.current_time())
        return online

    def detach(self, session: Session) -> None:
        """Undo `attach`, for a log-in that failed after it. It is charged to the account still."""
        self._remove(session)
        session.account = None

    def keep(self, account: Account) -> None:
        """Make the account of a guest one like any other: it may send more from now on."""
        if account.id not in self._accounts:  # it disconnected meanwhile
            return
        account.guest_until = 0
        self._claim(account)  # and nobody claims its allowance of a guest again
        for session in account.sessions:
            session.posts, session.requests = account.posts, account.requests

    def find(self, account: int) -> Account | None:
        """Return the account with this id, if it has a session connected."""
        return self._accounts.get(account)

    def is_online(self, account: int) -> bool:
        """Return whether `account` has a session connected."""
        return account in self._accounts

    def disconnect_tokens(self, digests: list[bytes], reason: str) -> None:
        """Disconnect the sessions whose tokens have been revoked."""
        revoked = set(digests)
        if revoked:
            for session in [s for s in self._sessions if s.digest in revoked]:
                session.disconnect(reason)

    def disconnect_account(self, account: int, reason: str) -> None:
        """Disconnect the sessions of `account`."""
        online = self._accounts.get(account)
        sessions = list(online.sessions) if online else []
        for session in sessions:
            session.disconnect(reason)

    def disconnect_all(self, reason: str) -> None:
        """Disconnect every session, and refuse new ones."""
        self._closed = True
        for session in self._sessions:
            session.disconnect(reason)

    def _add_to_address(self, address: str) -> TokenBucket:
        """Count a session from `address`; return what it is charged to. Raises Refused."""
        now = trio.current_time()
        if not address:  # a Unix socket: each has its own allowance, as only this machine has them
            return self._strangers.claim(object(), now)
        at = self._addresses.get(address) or _Address(self._strangers.claim(address, now))
        if at.sessions >= self._most_per_address:
            raise Refused(
                Code.SERVER_FULL,
                "Too many connections from your address. Close other clients or try again later.",
            )
        self._addresses[address] = at
        at.sessions += 1
        return at.requests

    def _remove_from_address(self, address: str) -> None:
        at = self._addresses.get(address)
        if at is None:
            return
        at.sessions -= 1
        if not at.sessions:
            self._strangers.release(address, self._addresses.pop(address).requests)

    def _new_account(self, id: int, name: str, guest_until: int, *, hook: bool) -> Account:
        posts, requests = self._allowances(guest_until, hook=hook).claim(id)
        return Account(id, name, posts, requests, guest_until=guest_until, hook=hook)

    def _allowances(self, guest_until: int, *, hook: bool) -> "_Allowances":
        return self._hooks if hook else self._guests if guest_until else self._people

    def _claim(self, account: Account) -> None:
        allowances = self._allowances(account.guest_until, hook=account.hook)
        account.posts, account.requests = allowances.claim(account.id)

    def _release(self, account: Account) -> None:
        allowances = self._allowances(account.guest_until, hook=account.hook)
        allowances.posts.release(account.id, account.posts)
        allowances.requests.release(account.id, account.requests)

    def _remove(self, session: Session) -> None:
        account = session.account
        if account is None:
            return
        account.sessions.remove(session)
        if not account.sessions:
            del self._accounts[account.id]
            self._release(account)


async def loaded_account(registry: SessionRegistry, account: int) -> Account | None:
    """Return the account with this id, if it is online, once its rooms have been read.

    An account that is just logging in may have read its rooms before the last change,
    and would overwrite the update. Not cancelled: disk and memory must agree.
    """
    online = registry.find(account)
    if online is not None:
        with trio.CancelScope(shield=True):
            async with online.load_lock:
                return online
    return None
