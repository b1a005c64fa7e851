"""Who owns a room: handing it over, and what happens to it when its owner is gone."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import trio

from chat_server.accounts.accounts import find_account
from chat_server.rooms.audit import audit_event
from chat_server.rooms.directory import Rooms, account_gone
from chat_server.rooms.moderation import check_may_own, no_such_member, owner_lock
from chat_server.rooms.room import Room
from chat_server.sessions.blocks import Block
from chat_server.sessions.registry import SessionRegistry, loaded_account
from chat_server.sessions.session import Account
from chat_server.store.api import AccountRecord, AuditDraft, GoneError, Transfer
from chat_server.store.threads import Storage
from chat_shared.errors import Code, Refused
from chat_shared.messages import Entered


@dataclass(frozen=True, slots=True)
class Ownership:
    """Changes the owner of rooms, on disk first and then for the members."""

    registry: SessionRegistry
    rooms: Rooms
    storage: Storage
    now: Callable[[], int]  # milliseconds since 1970, UTC

    async def hand_over(self, owner: Account, room: Room, name: str) -> None:
        """Make the member `name` the owner.

        Raises Refused (unknown_account, not_a_member, forbidden).
        """
        successor = await find_account(self.storage, name)
        check_may_own(successor)
        draft = AuditDraft(room.id, owner.id, "hand_over", self.now(), successor.id)
        async with owner_lock(owner, room):
            id = await self.storage.write(lambda store: store.hand_over(draft))
            if id is None:
                raise no_such_member(successor.name)
            room.set_owner(successor.id, successor.name)
            event = audit_event(room, owner, draft, id, successor.name)
            room.broadcast(Block([room.changed_event(), event]))

    async def assign(self, room: Room, account: AccountRecord) -> None:
        """Make `account` the owner, and a member first. For the operator.

        Raises Refused (no_such_room, forbidden).
        """
        async with room.lock:
            member = await self._check_may_own(room, account)
            now = self.now()
            try:
                await self.storage.write(lambda store: store.set_owner(room.id, account.id, now))
            except GoneError:  # it has deleted itself meanwhile
                raise account_gone() from None
            online = await loaded_account(self.registry, account.id)
            if not member and online is not None:
                room.add_member(online)
            elif not member:
                room.broadcast(Block([Entered(room.name, account.name)]))
            room.set_owner(account.id, account.name)
            room.broadcast(Block([room.changed_event()]))

    async def apply_transfers(self, owner: str, transfers: Iterable[Transfer]) -> None:
        """Announce the new owners of the rooms of `owner`, whose account was deleted."""
        with trio.CancelScope(shield=True):
            for transfer in transfers:
                if room := self.rooms.get(transfer.room):  # else it was deleted meanwhile
                    await self._apply_transfer(owner, room, transfer)

    async def _apply_transfer(self, owner: str, room: Room, transfer: Transfer) -> None:
        async with room.lock:
            if room.owner == owner:  # or the operator was faster
                room.set_owner(transfer.account, transfer.name)
                room.broadcast(Block([room.changed_event()]))

    async def _check_may_own(self, room: Room, account: AccountRecord) -> bool:
        """Return whether `account` is a member. Raises Refused if it cannot become one."""
        check_may_own(account)
        if room not in self.rooms:
            raise Refused(Code.NO_SUCH_ROOM, f"The room {room.name} was deleted.")
        most = self.rooms.per_account
        ids = await self.storage.read(lambda store: store.rooms_of(account.id))
        joined = filter(None, map(self.rooms.get, ids))
        if room.id not in ids and sum(not other.participants for other in joined) > most:
            raise Refused(
                Code.FORBIDDEN, f"{account.name} can't join more rooms (the limit is {most})."
            )
        return room.id in ids
