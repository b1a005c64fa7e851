"""Whose a room is when its owner hands it over or goes: somebody's, as long as anybody is left."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import trio

from chat_server.rooms.audit import audited
from chat_server.rooms.leaving import Settle, leaving
from chat_server.rooms.moderation import held, known, no_member
from chat_server.rooms.room import Room, Rooms
from chat_server.sessions.blocks import Block
from chat_server.sessions.registry import SessionRegistry, settled
from chat_server.sessions.session import Account
from chat_server.store.api import AccountRecord, AuditDraft, Transfer
from chat_server.store.threads import Storage
from chat_shared.errors import Code, Refused
from chat_shared.messages import Entered


@dataclass(frozen=True, slots=True)
class Succession:
    """Lets members and owners go, and others own."""

    registry: SessionRegistry
    rooms: Rooms
    storage: Storage
    settle: Settle
    now: Callable[[], int]  # milliseconds since 1970, UTC

    async def exit(self, account: Account, room: Room, heir: str) -> None:
        """End a membership; an owner leaves the room to `heir`, or to its oldest member.

        Raises Refused.
        """
        if room is self.rooms.general:
            raise Refused(Code.CANNOT_EXIT_GENERAL, "Nobody leaves the general room.")
        act = AuditDraft(room.id, account.id, "exit", self.now())
        async with room.changing:
            if room.id not in account.rooms:  # another device was faster
                return
            to = await self._successor(account, room, heir) if heir else None
            async with leaving(self.settle, room, account.id):
                left = await self.storage.write(lambda store: store.leave(act, to))
                room.remove_member(account)
            if left is not None:
                room.set_owner(left.account, left.name)
                audit_event = (
                    [audited(room, account, act, left.audit_id, left.name)] if left.audit_id else []
                )
                room.broadcast(Block([room.described(), *audit_event]))

    async def hand_over(self, by: Account, room: Room, name: str) -> None:
        """Let a member own the room. Raises Refused."""
        heir = await known(self.storage, name)
        act = AuditDraft(room.id, by.id, "hand_over", self.now(), heir.id)
        async with held(by, room):
            number = await self.storage.write(lambda store: store.hand_over(act))
            if number is None:
                raise no_member(heir.name)
            room.set_owner(heir.id, heir.name)
            audit_event = audited(room, by, act, number, heir.name)
            room.broadcast(Block([room.described(), audit_event]))

    async def give(self, room: Room, account: AccountRecord) -> None:
        """Let `account` own the room, and be a member. For the operator. Raises Refused."""
        async with room.changing:
            member = await self._check_place(room, account)
            now = self.now()
            await self.storage.write(lambda store: store.set_owner(room.id, account.id, now))
            live = await settled(self.registry, account.id)
            if not member and live is not None:
                room.add_member(live)
            elif not member:
                room.broadcast(Block([Entered(room.name, account.name)]))
            room.set_owner(account.id, account.name)
            room.broadcast(Block([room.described()]))

    async def follow(self, gone: str, successions: Iterable[Transfer]) -> None:
        """Let rooms belong to whom they went to when the account `gone` was deleted."""
        with trio.CancelScope(shield=True):
            for left in successions:
                room = self.rooms.numbered(left.room)
                async with room.changing:
                    if room.owner == gone:  # or the operator was faster
                        room.set_owner(left.account, left.name)
                        room.broadcast(Block([room.described()]))

    async def _successor(self, account: Account, room: Room, name: str) -> int:
        """Return the member whom the owner has named. Raises Refused."""
        if room.owner != account.name:
            raise Refused(Code.FORBIDDEN, "Only the owner of a room can leave it to somebody.")
        heir = await known(self.storage, name)
        if heir.id == account.id:
            raise Refused(Code.FORBIDDEN, "You cannot leave it to yourself. Name another member.")
        if not await self.storage.read(lambda store: store.is_member(room.id, heir.id)):
            raise no_member(heir.name)
        return heir.id

    async def _check_place(self, room: Room, account: AccountRecord) -> bool:
        """Return whether `account` is a member; raise Refused where it can be none."""
        if room not in self.rooms:
            raise Refused(Code.NO_SUCH_ROOM, f"There is no room called {room.name} any more.")
        most = self.rooms.per_account
        mine = await self.storage.read(lambda store: store.rooms_of(account.id))
        counted = [one for number in mine if (one := self.rooms.get(number)) and not one.peers]
        if room.id not in mine and len(counted) > most:
            raise Refused(
                Code.FORBIDDEN, f"{account.name} is in as many rooms as one may be ({most})."
            )
        return room.id in mine
