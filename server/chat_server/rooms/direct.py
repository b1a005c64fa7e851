"""Rooms of two: opened by one for both, closed to everybody else, and never quite left.

Each is a room like any other, under a name that no other room can have. Whoever
exits it is called back when the other one opens it or speaks in it. Whoever
blocks the other one has peace: nothing is opened and nothing said, by either. Nor
is anything to somebody whose account was deleted; what was said can be read.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from math import ceil
from typing import Final

import trio

from chat_server.rooms.leaving import Settle, leaving
from chat_server.rooms.room import Room, Rooms
from chat_server.sessions.blocks import Block
from chat_server.sessions.rate_limits import TokenBuckets
from chat_server.sessions.registry import SessionRegistry, settled
from chat_server.sessions.session import Account
from chat_server.store.api import AccountRecord, AuditDraft, BlockedError, Participant, direct_name
from chat_server.store.threads import Storage
from chat_shared.errors import Code, Refused
from chat_shared.limits import MAX_BLOCKED, MAX_DIRECT
from chat_shared.messages import Entered, Left
from chat_shared.names import fold

# Rooms of two that one may make at once, one with each of a class, and seconds for each
# one more. Each is there for good, and stands in somebody else's list.
MOST_OPENED: Final = 50
OPENED_EVERY: Final = 60.0

_NOBODY: Final = partial(Refused, Code.UNKNOWN_ACCOUNT, "Nobody has this name here.")
_TOO_MANY_OPENED: Final = (
    "You have begun to write to many people of late. Wait a minute before the next one."
)
_SET_ASIDE: Final = "set aside among many, until somebody writes here again"
_TOO_MANY_BLOCKED: Final = f"You have blocked {MAX_BLOCKED} people. Unblock one of them first."


@dataclass(frozen=True, slots=True)
class DirectRooms:
    """Opens the rooms of two, or does not."""

    rooms: Rooms
    registry: SessionRegistry
    storage: Storage
    settle: Settle
    now: Callable[[], int]  # milliseconds since 1970, UTC
    # Held from the writing of a new room, or of who blocks whom, until it is true here:
    # a room that is made at the moment in which one blocks the other must know of it.
    _changing: trio.Lock = field(default_factory=trio.Lock)
    _pace: TokenBuckets = field(default_factory=lambda: TokenBuckets(MOST_OPENED, 1 / OPENED_EVERY))

    async def open(self, account: Account, name: str) -> Room:
        """Return the room of `account` and whoever is called `name`, both in it. Raises Refused."""
        other = await self._find(name)
        if other.locked:
            raise _NOBODY()
        if other.id == account.id:
            raise Refused(
                Code.BAD_REQUEST, "That is you. A room of two takes somebody else's name."
            )
        return await self._open(account, other.name, *sorted((account.id, other.id)))

    async def call(self, account: Account, room: Room) -> None:
        """See that `account` may speak in `room`, and that whoever has exited it hears it.

        Raises Refused.
        """
        self.check_open(account, room)
        while room.exited:  # they may have exited again meanwhile, or blocked
            await self._open(account, room.peer_of(account), *room.peers)
            self.check_open(account, room)

    def check_open(self, account: Account, room: Room) -> None:
        """Raise Refused where one of the two of `room` has blocked the other, or is no more."""
        if room.gone:
            raise _deleted(Code.FORBIDDEN, room.peer_of(account))
        if room.blockers:
            raise _blocked(room.peer_of(account), own=account.id in room.blockers)

    # --- blocking

    async def block(self, account: Account, name: str) -> None:
        """Let `name` have no room of two with `account`. Raises Refused."""
        other = await self._find(name)
        async with self._changing:
            if not await self.storage.write(
                lambda store: store.block(account.id, other.id, MAX_BLOCKED)
            ):
                raise Refused(Code.FORBIDDEN, _TOO_MANY_BLOCKED)
            if room := self._of(account.id, other.id):
                room.blockers.add(account.id)

    async def unblock(self, account: Account, name: str) -> None:
        """Undo `block`. Raises Refused."""
        other = await self._find(name)
        async with self._changing:
            if not await self.storage.write(lambda store: store.unblock(account.id, other.id)):
                raise Refused(Code.FORBIDDEN, f"You have not blocked {other.name}.")
            if room := self._of(account.id, other.id):
                room.blockers.discard(account.id)

    async def blocked(self, account: Account) -> list[str]:
        """Return the names of those whom `account` has blocked."""
        return await self.storage.read(lambda store: store.blocked(account.id))

    # --- deleting

    async def forget(self, account: int) -> None:
        """Let nothing more be said to an account that was deleted. Done even if cancelled."""
        with trio.CancelScope(shield=True):
            async with self._changing:  # or a room that is just being made knew nothing of it
                self.rooms.forget(account)

    # --- parts

    async def _find(self, name: str) -> AccountRecord:
        account = await self.storage.read(lambda store: store.account(fold(name)))
        if account is None:
            raise _NOBODY()
        if account.removed:
            raise _deleted(Code.UNKNOWN_ACCOUNT, account.name)
        return account

    def _of(self, *two: int) -> Room | None:
        return self.rooms.find(direct_name(*sorted(two)))

    async def _open(self, account: Account, name: str, low: int, high: int) -> Room:
        room = self._of(low, high)
        if room is None:
            self._check_pace(account)
        async with room.changing if room else self._changing:
            room, newcomers = await self._take_in(account, name, low, high)
        with trio.CancelScope(shield=True):  # whoever opened it may hang up now
            for newcomer in newcomers:
                await self._thin_out(newcomer, room)
        return room

    def _check_pace(self, account: Account) -> None:
        """Raise Refused unless `account` may make one more room now."""
        if wait := self._pace.take(account.id, trio.current_time()):
            raise Refused(Code.TOO_FAST, _TOO_MANY_OPENED, retry_after=ceil(wait))

    async def _take_in(
        self, account: Account, name: str, low: int, high: int
    ) -> tuple[Room, list[Participant]]:
        """Return the room of these two, and who of them was not in it."""
        try:
            record = await self.storage.write(
                lambda store: store.open_direct(low, high, self.now())
            )
        except BlockedError as blocked:
            raise _blocked(name, own=account.id in blocked.args) from None
        known = self.rooms.find(record.name)
        room = known or self.rooms.add(record)
        absent = room.exited if known else set(room.peers)
        newcomers = [peer for peer in record.participants if peer.member and peer.account in absent]
        # Who could not be called back has just been deleted, and never can be.
        room.exited.clear()
        for peer in newcomers:
            self._add_member(room, peer)
        return room, newcomers

    async def _thin_out(self, peer: Participant, opened: Room) -> None:
        """Let `peer`, who came into `opened`, exit what is beyond the rooms of two one may be in.

        Refused would mean that nobody could be written to any more whom a few have
        written to from many accounts. And who exits is called back.
        """
        while surplus := await self.storage.read(
            lambda store: store.excess_direct_rooms(peer.account, MAX_DIRECT, opened.id)
        ):
            spoken_in = [await self._set_aside(peer, *room) for room in surplus]
            if not any(spoken_in):  # or it is another one now that is missed least
                return

    async def _set_aside(self, peer: Participant, number: int, last_seq: int) -> bool:
        """Let `peer` exit a room, unless something was said there after `last_seq`; say whether."""
        room = self.rooms.get(number)
        if room is None:  # it is just being made, and whoever makes it will look as well
            return False
        async with room.changing:
            if peer.account in room.exited:  # they were faster
                return False
            async with leaving(self.settle, room, peer.account):
                if room.last_seq > last_seq:
                    room.exited.discard(peer.account)
                    return True
                await self._remove_member(peer, room)
        return False

    async def _remove_member(self, peer: Participant, room: Room) -> None:
        """End a membership. `room.changing` is held."""
        act = AuditDraft(room.id, peer.account, "exit", self.now())
        await self.storage.write(lambda store: store.leave(act, None))
        live = await settled(self.registry, peer.account)
        if live is not None and room.id in live.rooms:
            room.remove_member(live, reason=_SET_ASIDE)
        else:
            room.broadcast(Block([Left(room.name, peer.name, reason=_SET_ASIDE)]))

    def _add_member(self, room: Room, peer: Participant) -> None:
        """Tell those who are connected that `peer` is a member of `room`."""
        live = self.registry.find(peer.account)
        if live is not None:
            room.add_member(live)
        else:
            room.broadcast(Block([Entered(room.name, peer.name)]))


def _deleted(code: Code, name: str) -> Refused:
    return Refused(code, f"The account {name} was deleted. Nobody reads what is written to it.")


def _blocked(name: str, *, own: bool) -> Refused:
    if own:
        return Refused(Code.FORBIDDEN, f"You have blocked {name}. Unblock them first.")
    return Refused(Code.FORBIDDEN, f"{name} takes no messages from you.")
