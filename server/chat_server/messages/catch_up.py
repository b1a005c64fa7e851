"""What a session is sent after it logs in or resumes: the welcome, then what it missed.

Without gaps and without duplicates, whatever is posted meanwhile.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
import trio

from chat_server.accounts.identity import Identity
from chat_server.clock import rfc3339
from chat_server.messages.events import stored_event
from chat_server.messages.read_state import ReadState
from chat_server.rooms.directory import Rooms
from chat_server.rooms.presence import PresenceTracker
from chat_server.rooms.room import Room
from chat_server.rooms.sanctions import end_of
from chat_server.sessions.registry import TOO_MANY_DEVICES, SessionRegistry
from chat_server.sessions.session import Account, Session
from chat_server.store.api import MessageRecord, Store, StoreError, Unread
from chat_server.store.threads import Storage
from chat_shared.limits import IDLE_DEADLINE, MAX_GAP, MAX_NAME
from chat_shared.messages import Event, Gap, IsMuted, Left, Welcome
from chat_shared.names import fold

log = structlog.get_logger()

# Messages read and sent at a time: of the longest, 1.6 MB, so that a page
# leaves most of an outbox to what is posted meanwhile.
_PAGE: Final = 50

# Names of rooms that are folded in one turn of the loop: at most a millisecond.
_FOLDED: Final = 10


@dataclass(frozen=True, slots=True)
class CatchUp:
    """Attaches authenticated sessions to their rooms."""

    registry: SessionRegistry
    rooms: Rooms
    storage: Storage
    read_state: ReadState
    presence: PresenceTracker
    now: Callable[[], int]  # milliseconds since 1970, UTC

    async def welcome(self, session: Session, identity: Identity, re: int) -> None:
        """Welcome a session that logged in; it receives everything from now on.

        Raises StoreError; the session is then not logged in.
        """
        account, unread = await self._attach(session, identity)
        self._send_welcome(session, account, unread, identity, re)
        for room in self.rooms.of(account):
            room.attach(session)

    async def resume(
        self, session: Session, identity: Identity, re: int, seen: dict[str, int]
    ) -> None:
        """Welcome a session that resumes: it receives what it missed, then what follows.

        In each room from the number in `seen` on; in rooms that are not there, from now
        on. Raises StoreError as `welcome`.
        """
        positions = await _positions(seen)
        account, unread = await self._attach(session, identity)
        self._send_welcome(session, account, unread, identity, re)
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
            # Already welcomed: a room it does not receive must not look like a quiet one.
            log.error("missed messages not read", reason=str(exc))
            session.disconnect("the server can't read the messages you missed; try again later")

    async def _attach(
        self, session: Session, identity: Identity
    ) -> tuple[Account, dict[int, Unread]]:
        """Log `session` in; return its account and what that has not read, by room, as of now."""
        self.registry.disconnect_tokens(identity.revoked, TOO_MANY_DEVICES)
        session.digest = identity.digest
        record = identity.account
        account = self.registry.attach(session, record.id, record.name, record.guest_until)
        try:
            await self.rooms.load_account(account)
            unread = await self.read_state.unread(account, self.rooms.of(account))
        except StoreError:
            self.registry.detach(session)  # it may try again
            raise
        return account, unread

    def _send_welcome(
        self,
        session: Session,
        account: Account,
        unread: dict[int, Unread],
        identity: Identity,
        re: int,
    ) -> None:
        rooms = self.rooms.of(account)
        infos = [room.info(account, unread.get(room.id, Unread())) for room in rooms]
        until = rfc3339(account.guest_until) if account.guest_until else ""
        welcome = Welcome(account.name, identity.token, infos, account.away, until, re=re)
        session.buffer([welcome, *self._mutes(account, rooms)])
        session.outbox.flush()
        session.welcomed = True
        self.presence.account_online(account)

    def _mutes(self, account: Account, rooms: list[Room]) -> list[IsMuted]:
        """Return where `account` may not write: a full `welcome` has no place for that."""
        now = self.now()
        mutes = [(room.name, room.mute_of(account.id, now)) for room in rooms if room.mutes]
        return [IsMuted(name, end_of(mute)) for name, mute in mutes if mute is not None]

    async def _catch_up(
        self, session: Session, account: Account, room: Room, position: int
    ) -> None:
        """Send what is after `position`, and attach in the very step in which nothing is.

        More may be posted while a page is read and sent; that is the next page. So it is
        neither lost nor duplicated, and needs no queue. Each page has left before the
        next is read, so that a slow connection fills no memory.
        """
        first = position
        while session not in room:
            if room.id not in account.rooms:  # left meanwhile, with another session
                session.send(Left(room.name, account.name))
                return
            if room.last_seq - first > MAX_GAP:
                session.send(Gap(room.name, after=position, before=room.last_seq + 1))
                position = room.last_seq
            if position >= room.last_seq:
                room.attach(session)
                return
            end = room.last_seq  # up to here all is stored before the page is read
            page = await self.storage.read(_messages_after(room, position))
            if room.id not in account.rooms or session in room:
                continue  # left meanwhile with another session, and perhaps rejoined
            missed = [message for message in page if message.seq <= room.last_seq]
            session.buffer(_events(room, position, missed) or [Gap(room.name, position, end + 1)])
            session.outbox.flush()
            position = missed[-1].seq if missed else end
            session.set_deadline(IDLE_DEADLINE, "your connection is too slow to catch up")
            await session.outbox.wait_drained()


async def _positions(seen: dict[str, int]) -> dict[str, int]:
    """Return `seen` by the keys of its rooms; without those that no room can have."""
    positions = {}
    for index, (name, seq) in enumerate(seen.items()):
        if index % _FOLDED == 0:
            await trio.lowlevel.checkpoint()
        if len(name) <= MAX_NAME:  # as the server spells it
            positions[fold(name)] = seq
    return positions


def _messages_after(room: Room, position: int) -> Callable[[Store], list[MessageRecord]]:
    return lambda store: store.messages_after(room.id, position, _PAGE)


def _events(room: Room, position: int, messages: Sequence[MessageRecord]) -> list[Event]:
    """Return the events of `messages`, with a gap in place of those that were removed."""
    events: list[Event] = []
    for message in messages:
        if message.seq > position + 1:
            events.append(Gap(room.name, after=position, before=message.seq))
        events.append(stored_event(room.name, message))
        position = message.seq
    return events
