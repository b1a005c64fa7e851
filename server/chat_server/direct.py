"""Rooms of two: opened by one for both, closed to everybody else, and never quite left.

Each is a room like any other, under a name that no other room can have. Whoever
exits it is called back when the other one opens it or speaks in it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from chat_server.blocks import Block
from chat_server.hub import Hub
from chat_server.rooms import Room, Rooms
from chat_server.session import Account
from chat_server.store import FullError, Peer
from chat_server.store.attention import direct_name
from chat_server.store.threads import Storage
from chat_shared.errors import Code, Refused
from chat_shared.messages import Entered
from chat_shared.names import fold


@dataclass(frozen=True, slots=True)
class DirectRooms:
    """Opens the rooms of two."""

    rooms: Rooms
    hub: Hub
    storage: Storage
    now: Callable[[], int]  # milliseconds since 1970, UTC

    async def open(self, account: Account, name: str) -> Room:
        """Return the room of `account` and whoever is called `name`, both in it. Raises Refused."""
        other = await self.storage.read(lambda store: store.account(fold(name)))
        if other is None or other.removed or other.locked:
            raise Refused(Code.UNKNOWN_ACCOUNT, "Nobody has this name here.")
        if other.id == account.id:
            raise Refused(
                Code.BAD_REQUEST, "That is you. A room of two takes somebody else's name."
            )
        return await self._open(account, min(account.id, other.id), max(account.id, other.id))

    async def call_back(self, account: Account, room: Room) -> None:
        """Let whoever has exited `room` be in it again, as `account` speaks. Raises Refused."""
        low, high = room.peers
        await self._open(account, low, high)

    async def _open(self, account: Account, low: int, high: int) -> Room:
        room = self.rooms.find(direct_name(low, high))
        if room is None:
            return await self._take_in(account, low, high)
        async with room.changing:
            return await self._take_in(account, low, high)

    async def _take_in(self, account: Account, low: int, high: int) -> Room:
        most = self.rooms.per_account + 1  # and the general room
        try:
            record = await self.storage.write(
                lambda store: store.open_direct(low, high, self.now(), most)
            )
        except FullError as full:
            raise _too_many(most - 1, own=full.args[0] == account.id) from None
        known = self.rooms.find(record.name)
        room = known or self.rooms.add(record)
        absent = room.exited if known else set(room.peers)
        newcomers = [peer for peer in record.peers if peer.member and peer.account in absent]
        # Who could not be called back is deleted by now, and never can be.
        room.exited.clear()
        for peer in newcomers:
            self._admit(room, peer)
        return room

    def _admit(self, room: Room, peer: Peer) -> None:
        """Tell those who are connected that `peer` is a member of `room`."""
        live = self.hub.find(peer.account)
        if live is not None:
            room.admit(live)
        else:
            room.broadcast(Block([Entered(room.name, peer.name)]))


def _too_many(rooms: int, *, own: bool) -> Refused:
    if own:
        return Refused(Code.FORBIDDEN, f"You are in {rooms} rooms. Exit one of them first.")
    return Refused(
        Code.FORBIDDEN, f"The other one is in {rooms} rooms, and has to exit one of them first."
    )
