"""The house: all that a request may need, and who asks it."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from chat_server.accounts import Accounts
from chat_server.arrivals import Arrivals
from chat_server.changes import Changes
from chat_server.history import Archive
from chat_server.hub import Hub
from chat_server.journal import Journal
from chat_server.rooms import Room, Rooms
from chat_server.search import Search
from chat_server.session import Account, Session
from chat_shared.errors import Code, Refused


@dataclass(frozen=True, slots=True)
class House:
    """All that a command may need."""

    accounts: Accounts
    archive: Archive
    arrivals: Arrivals
    changes: Changes
    hub: Hub
    journal: Journal
    rooms: Rooms
    search: Search

    @contextmanager
    def present(self, session: Session) -> Generator[None]:
        """Let `session` be counted and spoken to while it lasts. Raises Refused (server_full)."""
        with self.hub.admitted(session):
            try:
                yield
            finally:
                if session.account is not None:
                    for room in self.rooms.of(session.account):
                        room.detach(session)


def room_of(house: House, session: Session, name: str) -> Room:
    """Return the room that this session's account is in; which others there are is not told."""
    room = house.rooms.find(name)
    if room is None or room.id not in account_of(session).rooms:
        raise Refused(Code.NOT_A_MEMBER, "You are not in this room.")
    return room


def account_of(session: Session) -> Account:
    assert session.account is not None  # or the connection had refused the request
    return session.account
