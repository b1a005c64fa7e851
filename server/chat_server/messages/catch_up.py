"""How somebody comes in: the welcome, and what they missed, without gaps or doubles."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from chat_server.accounts.accounts import Identity
from chat_server.messages.events import stored_event
from chat_server.messages.read_state import Reading
from chat_server.rooms.presence import PresenceTracker
from chat_server.rooms.room import Room, Rooms
from chat_server.sessions.registry import SessionRegistry
from chat_server.sessions.session import Account, Session
from chat_server.store.api import MessageRecord, Store, StoreError, Unread
from chat_server.store.threads import Storage
from chat_shared.limits import IDLE_DEADLINE, MAX_GAP
from chat_shared.messages import Event, Gap, Left, Welcome
from chat_shared.names import fold

log = structlog.get_logger()

# Messages read and sent at a time: of the longest, 1.6 MB, so that a page
# leaves most of an outbox to what is said meanwhile.
_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class CatchUp:
    """Brings sessions of known people into their rooms."""

    registry: SessionRegistry
    rooms: Rooms
    storage: Storage
    reading: Reading
    presence: PresenceTracker

    async def enter(self, session: Session, identity: Identity, re: int) -> None:
        """Welcome somebody who logged in: they hear everything from here on."""
        account, unread = await self._attach(session, identity)
        self._welcome(session, account, unread, identity, re)
        for room in self.rooms.of(account):
            room.attach(session)

    async def resume(
        self, session: Session, identity: Identity, re: int, seen: dict[str, int]
    ) -> None:
        """Welcome somebody who comes back: they hear what they missed, then what follows.

        In each room they hear it from the number they have seen; in those
        they do not name, from here on.
        """
        account, unread = await self._attach(session, identity)
        self._welcome(session, account, unread, identity, re)
        positions = {fold(name): seq for name, seq in seen.items()}
        behind = []
        for room in self.rooms.of(account):
            position = positions.get(fold(room.name), room.last_seq)
            if position >= room.last_seq:
                room.attach(session)
            else:
                behind.append((room, position))
        try:
            for room, position in behind:
                await self._catch_up(session, account, room, position)
        except StoreError as exc:
            # They have been welcomed: a room they cannot hear must not look like a quiet one.
            log.error("what was missed cannot be read", reason=str(exc))
            session.disconnect("the server cannot read what you missed; come back later")

    async def _attach(
        self, session: Session, identity: Identity
    ) -> tuple[Account, dict[int, Unread]]:
        """Return who `session` is now, and what they have not read, by room, as of now."""
        self.registry.disconnect_tokens(identity.void, "you logged in on too many devices")
        session.digest = identity.digest
        account = self.registry.attach(session, identity.account.id, identity.account.name)
        try:
            await self.rooms.load_account(account)
            unread = await self.reading.unread(account, self.rooms.of(account))
        except StoreError:
            self.registry.detach(session)  # nobody yet: they may try again
            raise
        return account, unread

    def _welcome(
        self,
        session: Session,
        account: Account,
        unread: dict[int, Unread],
        identity: Identity,
        re: int,
    ) -> None:
        rooms = [
            room.info(account, unread.get(room.id, Unread())) for room in self.rooms.of(account)
        ]
        session.send(Welcome(account.name, identity.token, rooms, account.away, re=re))
        session.welcomed = True
        self.presence.came(account)

    async def _catch_up(
        self, session: Session, account: Account, room: Room, position: int
    ) -> None:
        """Send what is behind `position`, and attach in the very step in which nothing is.

        While a page is read and sent, more may be said; that is the next page.
        So what is said meanwhile is neither lost nor doubled, and no queue of
        it is needed. Each page has left before the next is read, so that a
        slow line fills nobody's memory.
        """
        first = position
        while session not in room:
            if room.id not in account.rooms:  # left meanwhile, on another device
                session.send(Left(room.name, account.name))
                return
            if room.last_seq - first > MAX_GAP:
                session.send(Gap(room.name, after=position, before=room.last_seq + 1))
                position = room.last_seq
            if position >= room.last_seq:
                room.attach(session)
                return
            end = room.last_seq  # up to here all is stored before the page is read
            page = await self.storage.read(_following(room, position))
            if room.id not in account.rooms or session in room:
                continue  # another device left the room meanwhile, and perhaps came back
            missed = [message for message in page if message.seq <= room.last_seq]
            session.hold(_events(room, position, missed) or [Gap(room.name, position, end + 1)])
            session.outbox.flush()
            position = missed[-1].seq if missed else end
            session.expect(IDLE_DEADLINE, "too slow to catch up")
            await session.outbox.wait_drained()


def _following(room: Room, position: int) -> Callable[[Store], list[MessageRecord]]:
    return lambda store: store.messages_after(room.id, position, _PAGE)


def _events(room: Room, position: int, messages: Sequence[MessageRecord]) -> list[Event]:
    """Return `messages` as they were said, with a gap where some are not kept any more."""
    events: list[Event] = []
    for message in messages:
        if message.seq > position + 1:
            events.append(Gap(room.name, after=position, before=message.seq))
        events.append(stored_event(room.name, message))
        position = message.seq
    return events
