"""Every live session: who is connected, from where, on how many devices."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager

from chat_server.session import Account, Session
from chat_shared.errors import Code, Refused


class Hub:
    """The sessions of this process. Everything here is synchronous: no other task ran."""

    def __init__(self, *, most: int, most_per_address: int, most_per_account: int) -> None:
        self._most = most
        self._most_per_address = most_per_address
        self._most_per_account = most_per_account
        self._sessions: set[Session] = set()
        self._per_address: Counter[str] = Counter()
        self._accounts: dict[int, Account] = {}
        self._closed = False

    def __len__(self) -> int:
        return len(self._sessions)

    @contextmanager
    def admitted(self, session: Session) -> Generator[None]:
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
            self._per_address[address] -= 1
            if not self._per_address[address]:
                del self._per_address[address]
            self._detach(session)

    def attach(self, session: Session, account: int, name: str) -> Account:
        """Make `session` one of the account's devices; the oldest goes if there are too many."""
        live = self._accounts.get(account)
        if live is None:
            live = self._accounts[account] = Account(account, name)
        if len(live.sessions) >= self._most_per_account:
            live.sessions[0].drop("you logged in on too many devices; this was the oldest")
        live.sessions.append(session)
        session.account = live
        return live

    def online(self, account: int) -> bool:
        """Say whether any device of `account` is connected."""
        return account in self._accounts

    def drop_tokens(self, digests: list[bytes], reason: str) -> None:
        """End the sessions that logged in with tokens that are void now."""
        void = set(digests)
        if void:
            for session in [s for s in self._sessions if s.digest in void]:
                session.drop(reason)

    def dismiss(self, reason: str) -> None:
        """End every session, and let nobody in any more."""
        self._closed = True
        for session in self._sessions:
            session.drop(reason)

    def _detach(self, session: Session) -> None:
        account = session.account
        if account is None:
            return
        account.sessions.remove(session)
        if not account.sessions:
            del self._accounts[account.id]
