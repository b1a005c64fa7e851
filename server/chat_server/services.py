"""The house: all that a request may need, and who asks it."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

import trio

from chat_server.accounts.accounts import Accounts
from chat_server.messages.catch_up import CatchUp
from chat_server.messages.changes import Changes
from chat_server.messages.history import MessageHistory
from chat_server.messages.journal import Journal
from chat_server.messages.read_state import ReadState
from chat_server.messages.search import Search
from chat_server.rooms.audit import Audit
from chat_server.rooms.direct import DirectMessages
from chat_server.rooms.membership import Membership
from chat_server.rooms.moderation import Moderation
from chat_server.rooms.ownership import Ownership
from chat_server.rooms.presence import PresenceTracker
from chat_server.rooms.room import Room, Rooms
from chat_server.sessions.registry import SessionRegistry
from chat_server.sessions.session import Account, Session
from chat_shared.errors import Code, Refused


@dataclass(frozen=True, slots=True)
class Services:
    """All that a command may need."""

    accounts: Accounts
    membership: Membership
    history: MessageHistory
    catch_up: CatchUp
    audit: Audit
    changes: Changes
    registry: SessionRegistry
    journal: Journal
    moderation: Moderation
    presence: PresenceTracker
    direct_messages: DirectMessages
    read_state: ReadState
    rooms: Rooms
    search: Search
    ownership: Ownership

    async def run(self) -> None:
        """Do what is done for all sessions together, until `close`; then finish it."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.journal.run)
            nursery.start_soon(self.read_state.run)
            nursery.start_soon(self.presence.run)

    def close(self) -> None:
        """Let `run` end, once what was taken is done."""
        self.journal.close()
        self.read_state.close()
        self.presence.close()

    @contextmanager
    def connected(self, session: Session) -> Generator[None]:
        """Let `session` be counted and spoken to while it lasts. Raises Refused (server_full)."""
        try:
            with self.registry.connected(session):
                try:
                    yield
                finally:
                    if session.account is not None:
                        for room in self.rooms.of(session.account):
                            room.detach(session)
        finally:
            self.presence.session_ended(session)


def room_of(services: Services, session: Session, name: str) -> Room:
    """Return the room that this session's account is in; which others there are is not told."""
    room = services.rooms.find(name)
    if room is None or room.id not in account_of(session).rooms:
        raise Refused(Code.NOT_A_MEMBER, "You are not in this room.")
    return room


def writable_room_of(services: Services, session: Session, name: str) -> Room:
    """As `room_of`, for whoever would write there. Raises Refused (muted) as well."""
    room = room_of(services, session, name)
    if room.mutes:
        services.moderation.check_may_write(account_of(session), room)
    return room


def account_of(session: Session) -> Account:
    assert session.account is not None  # or the connection had refused the request
    return session.account
