"""Every live session: who is connected, from where, on how many devices."""

from collections import Counter
from collections.abc import Collection, Generator, Iterator
from contextlib import contextmanager

import trio

from chat_server.sessions.session import Account, Session
from chat_shared.errors import Code, Refused


class SessionRegistry:
    """The sessions of this process. Everything here is synchronous: no other task ran."""

    def __init__(self, *, most: int, most_per_address: int, most_per_account: int) -> None:
        self._most = most
        self._most_per_address = most_per_address
        self._most_per_account = most_per_account
        self._sessions: set[Session] = set()
        self._per_address: Counter[str] = Counter()
        self._accounts: dict[int, Account] = {}
        self._closed = False
        self.disconnects: Counter[str] = Counter()  # sessions that have ended, by reason

    def __len__(self) -> int:
        return len(self._sessions)

    def __iter__(self) -> Iterator[Session]:
        return iter(tuple(self._sessions))

    @property
    def online_accounts(self) -> Collection[Account]:
        """Those who are here."""
        return self._accounts.values()

    @contextmanager
    def connected(self, session: Session) -> Generator[None]:
        """Count `session` while it lasts. Raises Refused."""
        address = session.address
        if self._closed:
            raise Refused(Code.SHUTTING_DOWN, "The server is shutting down. Try again later.")
        if len(self._sessions) >= self._most:
            raise Refused(Code.SERVER_FULL, "The server is full. Try again later.")
        if address and self._per_address[address] >= self._most_per_address:
            raise Refused(Code.SERVER_FULL, "Too many connections come from your address.")
        self._sessions.add(session)
        self._per_address[address] += 1
        try:
            yield
        finally:
            self._sessions.remove(session)
            self.disconnects[session.close_for()] += 1
            self._per_address[address] -= 1
            if not self._per_address[address]:
                del self._per_address[address]
            self._forget(session)

    def attach(self, session: Session, account: int, name: str) -> Account:
        """Make `session` one of the account's devices; the oldest goes if there are too many."""
        live = self._accounts.get(account)
        if live is None:
            live = self._accounts[account] = Account(account, name)
        staying = [device for device in live.sessions if not device.close_reason]
        if len(staying) >= self._most_per_account:
            staying[0].disconnect("you logged in on too many devices; this was the oldest")
        live.sessions.append(session)
        session.account = live
        return live

    def detach(self, session: Session) -> None:
        """Undo `attach`, for somebody who could not be let in after all."""
        self._forget(session)
        session.account = None

    def find(self, account: int) -> Account | None:
        """Return who `account` is if any device of theirs is connected."""
        return self._accounts.get(account)

    def is_online(self, account: int) -> bool:
        """Say whether any device of `account` is connected."""
        return account in self._accounts

    def disconnect_tokens(self, digests: list[bytes], reason: str) -> None:
        """End the sessions that logged in with tokens that are void now."""
        void = set(digests)
        if void:
            for session in [s for s in self._sessions if s.digest in void]:
                session.disconnect(reason)

    def disconnect_account(self, account: int, reason: str) -> int:
        """End the sessions of `account`; return how many that were."""
        live = self._accounts.get(account)
        sessions = list(live.sessions) if live else []
        for session in sessions:
            session.disconnect(reason)
        return len(sessions)

    def disconnect_all(self, reason: str) -> None:
        """End every session, and let nobody in any more."""
        self._closed = True
        for session in self._sessions:
            session.disconnect(reason)

    def _forget(self, session: Session) -> None:
        account = session.account
        if account is None:
            return
        account.sessions.remove(session)
        if not account.sessions:
            del self._accounts[account.id]


async def loaded_account(registry: SessionRegistry, account: int) -> Account | None:
    """Return who `account` is, if they are here, once all they have read of their rooms is known.

    Who is just coming in may have read what has changed since, and would believe
    it a moment after they were told otherwise. Not cancelled: disk and memory agree.
    """
    live = registry.find(account)
    if live is not None:
        with trio.CancelScope(shield=True):
            async with live.load_lock:
                return live
    return None
