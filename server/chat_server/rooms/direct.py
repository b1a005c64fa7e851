"""Direct messages: rooms of exactly two participants, which either of them opens for both.

Each is a room like any other, under a name that no other room can have. A
participant who leaves rejoins when the other one opens it or posts in it. While one
blocks the other, neither can open it or post in it; nor can anybody message a
deleted account. What was posted before stays readable.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import trio

from chat_server.accounts.accounts import NO_ACCOUNT
from chat_server.rooms.directory import Rooms
from chat_server.rooms.leaving import WaitPublished, leaving_direct
from chat_server.rooms.room import Room
from chat_server.sessions.blocks import Block
from chat_server.sessions.rate_limits import TokenBuckets
from chat_server.sessions.registry import SessionRegistry, loaded_account
from chat_server.sessions.session import Account
from chat_server.store.api import AccountRecord, AuditDraft, BlockedError, Participant, direct_name
from chat_server.store.threads import Storage
from chat_shared.errors import Code, Refused
from chat_shared.limits import MAX_BLOCKED, MAX_DIRECT
from chat_shared.messages import Entered, Left
from chat_shared.names import fold

# New direct messages that an account can open at once, one with each of a class, and
# seconds for each further one. Each is permanent, and appears in another account's list.
MAX_OPENED: Final = 50
OPENED_EVERY: Final = 60.0

# Direct messages that an account can open again, after one of the two left, at once, and
# seconds for each further one: the other one is told each time.
MAX_REOPENED: Final = 20
REOPENED_EVERY: Final = 10.0

_TOO_MANY_OPENED: Final = "You've opened too many direct messages. Wait a minute."
_SURPLUS: Final = "you have too many direct messages open; the next message reopens this one"
_TOO_MANY_BLOCKED: Final = (
    f"You have blocked {MAX_BLOCKED} people, which is the limit. Unblock someone first."
)


@dataclass(frozen=True, slots=True)
class DirectMessages:
    """Opens direct messages, and blocks them."""

    rooms: Rooms
    registry: SessionRegistry
    storage: Storage
    wait_published: WaitPublished
    now: Callable[[], int]  # milliseconds since 1970, UTC
    _created: TokenBuckets = field(
        default_factory=lambda: TokenBuckets(MAX_OPENED, 1 / OPENED_EVERY)
    )
    _reopened: TokenBuckets = field(
        default_factory=lambda: TokenBuckets(MAX_REOPENED, 1 / REOPENED_EVERY)
    )

    async def open(self, account: Account, name: str) -> Room:
        """Return the direct message of `account` with `name`, both of them members.

        Raises Refused (unknown_account, bad_request, forbidden, too_fast).
        """
        other = await self._find(name)
        if other.locked:
            raise _unknown()
        if other.guest_until:
            raise Refused(Code.FORBIDDEN, f"{other.name} is a guest, without direct messages.")
        if other.id == account.id:
            raise Refused(Code.BAD_REQUEST, "You can't send direct messages to yourself.")
        room = await self._find_room(account.id, other.id)
        if room is None or room.absent:
            limit = self._created if room is None else self._reopened
            limit.take_or_refuse(account.id, trio.current_time(), _TOO_MANY_OPENED)
        return await self._open(account, other.name, *sorted((account.id, other.id)))

    async def ensure_joined(self, account: Account, room: Room) -> None:
        """Make an absent participant rejoin, before `account` posts in `room`.

        Raises Refused as `check_reachable`.
        """
        self.check_reachable(account, room)
        while room.absent:  # they may have left again meanwhile, or blocked
            await self._open(account, room.other_participant(account), *room.participants)
            self.check_reachable(account, room)

    def check_reachable(self, account: Account, room: Room) -> None:
        """Raise Refused (forbidden) if a participant blocks the other or was deleted."""
        if room.deleted:
            raise _deleted(Code.FORBIDDEN, room.other_participant(account))
        if room.blocked_by:
            raise _blocked(room.other_participant(account), own=account.id in room.blocked_by)

    # --- blocking

    async def block(self, account: Account, name: str) -> None:
        """Refuse direct messages between `account` and `name`.

        Raises Refused (unknown_account, forbidden).
        """
        other = await self._find(name)
        async with self.rooms.direct_lock:
            if not await self.storage.write(
                lambda store: store.block(account.id, other.id, MAX_BLOCKED)
            ):
                raise Refused(Code.FORBIDDEN, _TOO_MANY_BLOCKED)
            if room := self.rooms.find(direct_name(*sorted((account.id, other.id)))):
                room.blocked_by.add(account.id)

    async def unblock(self, account: Account, name: str) -> None:
        """Undo `block`. Raises Refused (unknown_account, forbidden)."""
        other = await self._find(name)
        async with self.rooms.direct_lock:
            if not await self.storage.write(lambda store: store.unblock(account.id, other.id)):
                raise Refused(Code.FORBIDDEN, f"You haven't blocked {other.name}.")
            if room := self.rooms.find(direct_name(*sorted((account.id, other.id)))):
                room.blocked_by.discard(account.id)

    async def blocked(self, account: Account) -> list[str]:
        """Return the names that `account` has blocked."""
        return await self.storage.read(lambda store: store.blocked(account.id))

    # --- deleting

    async def mark_deleted(self, account: int) -> None:
        """Refuse new messages to an account that was deleted. Done even if cancelled."""
        with trio.CancelScope(shield=True):
            # Or a room that is being created would not know of it.
            async with self.rooms.direct_lock:
                self.rooms.mark_deleted(account)

    # --- parts

    async def _find(self, name: str) -> AccountRecord:
        account = await self.storage.read(lambda store: store.account(fold(name)))
        if account is None:
            raise _unknown()
        if account.removed:
            raise _deleted(Code.UNKNOWN_ACCOUNT, account.name)
        return account

    async def _find_room(self, *accounts: int) -> Room | None:
        return await self.rooms.find_direct(direct_name(*sorted(accounts)))

    async def _open(self, account: Account, name: str, low: int, high: int) -> Room:
        room = await self._find_room(low, high)
        async with room.lock if room else self.rooms.direct_lock:
            room, joined = await self._join_both(account, name, low, high)
        with trio.CancelScope(shield=True):  # the connection that opened it may end now
            for participant in joined:
                await self._leave_surplus(participant, room)
        return room

    async def _join_both(
        self, account: Account, name: str, low: int, high: int
    ) -> tuple[Room, list[Participant]]:
        """Return the room of both, created if need be, and which of them has just joined it."""
        try:
            record = await self.storage.write(
                lambda store: store.open_direct(low, high, self.now())
            )
        except BlockedError as blocked:
            raise _blocked(name, own=account.id in blocked.args) from None
        existing = self.rooms.find(record.name)
        room = existing or self.rooms.add(record)
        absent = room.absent if existing else set(room.participants)
        joined = [p for p in record.participants if p.member and p.account in absent]
        # A participant who did not rejoin has just been deleted, and never will.
        room.absent.clear()
        for participant in joined:
            self._add_member(room, participant)
        return room, joined

    async def _leave_surplus(self, participant: Participant, opened: Room) -> None:
        """Make `participant`, who joined `opened`, leave direct messages beyond the limit.

        To refuse instead would let a few people with many accounts fill up a list, so that
        nobody else could message its owner. And anyone who left rejoins with the next message.
        """
        while surplus := await self.storage.read(
            lambda store: store.excess_direct_rooms(participant.account, MAX_DIRECT, opened.id)
        ):
            in_use = [await self._leave_if_quiet(participant, *room) for room in surplus]
            if not any(in_use):  # or another one is the least missed now
                return

    async def _leave_if_quiet(self, participant: Participant, name: str, last_seq: int) -> bool:
        """Make `participant` leave a room; return True if it has messages after `last_seq`."""
        room = await self.rooms.find_direct(name)
        if room is None:  # deleted by the operator meanwhile
            return False
        async with room.lock:
            if participant.account in room.absent:  # they rejoined meanwhile
                return False
            async with leaving_direct(self.wait_published, room, participant.account):
                if room.last_seq > last_seq:
                    room.absent.discard(participant.account)
                    return True
                await self._remove_member(participant, room)
        return False

    async def _remove_member(self, participant: Participant, room: Room) -> None:
        """End a membership. The caller holds `room.lock`."""
        draft = AuditDraft(room.id, participant.account, "exit", self.now())
        await self.storage.write(lambda store: store.leave(draft, None))
        left = Left(room.name, participant.name, reason=_SURPLUS)
        online = await loaded_account(self.registry, participant.account)
        if online is not None and room.id in online.rooms:
            room.remove_member(online, left)
        else:
            room.broadcast(Block([left]))

    def _add_member(self, room: Room, participant: Participant) -> None:
        online = self.registry.find(participant.account)
        if online is not None:
            room.add_member(online)
        else:
            room.broadcast(Block([Entered(room.name, participant.name)]))


def _unknown() -> Refused:
    return Refused(Code.UNKNOWN_ACCOUNT, NO_ACCOUNT)


def _deleted(code: Code, name: str) -> Refused:
    return Refused(code, f"The account {name} was deleted. You can no longer message them.")


def _blocked(name: str, *, own: bool) -> Refused:
    if own:
        return Refused(Code.FORBIDDEN, f"You have blocked {name}. Unblock them first.")
    return Refused(Code.FORBIDDEN, f"You can't message {name}.")
