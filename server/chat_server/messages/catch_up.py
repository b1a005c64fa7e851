"""What a session is sent after it logs in or resumes: the welcome, then what it missed.

Without gaps and without duplicates, whatever is posted meanwhile.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
import trio

from chat_server.accounts.identity import Identity
from chat_server.clock import rfc3339
from chat_server.messages.missed import MissedMessages, Page, differ
from chat_server.messages.read_state import ReadState
from chat_server.rooms.directory import Rooms
from chat_server.rooms.presence import PresenceTracker
from chat_server.rooms.room import Room
from chat_server.rooms.sanctions import end_of
from chat_server.sessions.blocks import Last
from chat_server.sessions.registry import TOO_MANY_DEVICES, SessionRegistry
from chat_server.sessions.session import Account, Session
from chat_server.store.api import StoreError, Unread
from chat_shared.limits import IDLE_DEADLINE, MAX_GAP, MAX_NAME
from chat_shared.messages import Gap, IsMuted, Left, Restored, RoomInfo, Welcome
from chat_shared.names import fold

log = structlog.get_logger()

# Names of rooms that are folded in one turn of the loop: at most a millisecond.
_FOLDED: Final = 10


@dataclass(frozen=True, slots=True)
class CatchUp:
    """Attaches authenticated sessions to their rooms."""

    registry: SessionRegistry
    rooms: Rooms
    missed: MissedMessages
    read_state: ReadState
    presence: PresenceTracker
    now: Callable[[], int]  # milliseconds since 1970, UTC

    async def welcome(self, session: Session, identity: Identity, re: int) -> None:
        """Welcome a session that logged in; it receives everything from now on.

        Raises StoreError; the session is then not logged in.
        """
        account, unread = await self._attach(session, identity)
        rooms = self._rooms(account, unread)
        self._send_welcome(session, account, identity, re, rooms)
        for room in rooms:
            room.attach(session)

    async def resume(
        self,
        session: Session,
        identity: Identity,
        re: int,
        seen: Mapping[str, int],
        at: Mapping[str, str],
    ) -> None:
        """Welcome a session that resumes: it receives what it missed, then what follows.

        In each room from the number in `seen` on; in rooms that are not there, from now
        on. A room whose message of that number has another time than in `at` is not as the
        session knows it: the store has lost that. Raises StoreError as `welcome`.
        """
        held = await _held(seen, at)
        account, unread = await self._attach(session, identity)
        rooms = self._rooms(account, unread)
        has = {room: held.get(fold(room.name), Last(room.last_seq, "")) for room in rooms}
        lost = [info for room, info in rooms.items() if _is_other(room, has[room])]
        self._send_welcome(session, account, identity, re, rooms, lost)
        behind = [room for room in rooms if has[room].seq < room.last_seq]
        for room in rooms.keys() - behind:
            room.attach(session)
        try:
            for room in behind:
                await self._catch_up(session, account, room, rooms[room], has[room])
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

    def _rooms(self, account: Account, unread: Mapping[int, Unread]) -> dict[Room, RoomInfo]:
        """Return the rooms of `account` as they are now, in their order."""
        rooms = self.rooms.of(account)
        return {room: room.info(account, unread.get(room.id, Unread())) for room in rooms}

    def _send_welcome(
        self,
        session: Session,
        account: Account,
        identity: Identity,
        re: int,
        rooms: Mapping[Room, RoomInfo],
        lost: Sequence[RoomInfo] = (),
    ) -> None:
        """Send `welcome`, and in the same write which rooms are not as the session knows them.

        So that it posts nothing in between, such as a reply to what was lost.
        """
        until = rfc3339(account.guest_until) if account.guest_until else ""
        token, infos = identity.token, list(rooms.values())
        welcome = Welcome(account.name, token, infos, account.away, until, re=re)
        session.buffer([welcome, *self._mutes(account, rooms), *map(_restored, lost)])
        session.outbox.flush()
        session.welcomed = True
        self.presence.account_online(account)

    def _mutes(self, account: Account, rooms: Iterable[Room]) -> list[IsMuted]:
        """Return where `account` may not write: a full `welcome` has no place for that."""
        now = self.now()
        mutes = [(room.name, room.mute_of(account.id, now)) for room in rooms if room.mutes]
        return [IsMuted(name, end_of(mute)) for name, mute in mutes if mute is not None]

    async def _catch_up(
        self, session: Session, account: Account, room: Room, info: RoomInfo, has: Last
    ) -> None:
        """Send what is after the message it `has`, and attach in the very step in which nothing is.

        More may be posted while a page is read and sent; that is the next page. So it is
        neither lost nor duplicated, and needs no queue. Each page has left before the
        next is read, so that a slow connection fills no memory.
        """
        first = position = has.seq
        at = has.at  # until that message has been compared with the room's
        while session not in room:
            if room.id not in account.rooms:  # left meanwhile, with another session
                session.send(Left(room.name, account.name))
                return
            is_far = room.last_seq - first > MAX_GAP
            if is_far and not at:
                session.send(Gap(room.name, after=position, before=room.last_seq + 1))
                position = room.last_seq
            if position >= room.last_seq:
                room.attach(session)
                return
            if is_far:
                page = await self.missed.only(room, position)
            else:  # the message that it has comes with what follows, which saves a query
                page = await self.missed.after(room, position, compared=bool(at))
            if room.id not in account.rooms or session in room:
                continue  # left meanwhile with another session, and perhaps rejoined
            is_lost, at = page.has_another(position, at), ""
            if is_lost:
                session.send(_restored(info))
                first = position = info.last_seq
            elif not is_far:
                position = await self._send_missed(session, room, position, page)

    async def _send_missed(self, session: Session, room: Room, position: int, page: Page) -> int:
        """Send what `page` has after `position`; return up to where the session has all."""
        block, position = page.missed(position)
        session.deliver(block)
        session.set_deadline(IDLE_DEADLINE, "your connection is too slow to catch up")
        await session.outbox.wait_drained()
        return position


async def _held(seen: Mapping[str, int], at: Mapping[str, str]) -> dict[str, Last]:
    """Return what a session has by the keys of its rooms; without those that no room can have."""
    held = {}
    for index, (name, seq) in enumerate(seen.items()):
        if index % _FOLDED == 0:
            await trio.lowlevel.checkpoint()
        if len(name) <= MAX_NAME:  # as the server spells it
            held[fold(name)] = Last(seq, at.get(name, ""))
    return held


def _is_other(room: Room, has: Last) -> bool:
    """Return whether the newest message of `room` is another of that number than a session has."""
    return has.seq == room.last_seq and differ(has.at, room.last_at)


def _restored(info: RoomInfo) -> Restored:
    return Restored(info.room, info.last_seq, info.read_seq, info.unread, info.mentions)
