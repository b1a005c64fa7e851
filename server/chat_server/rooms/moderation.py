"""What the owner of a room can do to it and to its members.

Every action is on disk, with its audit entry, before it takes effect, and takes
effect before it is answered. Knows no request and no protocol.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from chat_server.accounts.accounts import find_account
from chat_server.accounts.codes import make_code
from chat_server.accounts.passwords import Passwords
from chat_server.clock import rfc3339
from chat_server.rooms.audit import audit_event
from chat_server.rooms.directory import Rooms
from chat_server.rooms.leaving import WaitPublished, leaving
from chat_server.rooms.room import Room
from chat_server.rooms.sanctions import check_line, make_place, muted_error, parse_until
from chat_server.sessions.blocks import Block
from chat_server.sessions.registry import SessionRegistry, loaded_account
from chat_server.sessions.session import Account
from chat_server.store.api import AccountRecord, AuditDraft, Sanction, SanctionKind
from chat_server.store.threads import Storage
from chat_shared.errors import Code, Refused
from chat_shared.limits import MAX_REASON, MAX_TOPIC
from chat_shared.messages import Audited, Left

MAX_SANCTIONS: Final = 1_000  # bans of a room, and as many mutes, which are held in memory


@dataclass(frozen=True, slots=True)
class Target:
    """The account that an action is about, its reason, and its end (0 for none)."""

    id: int
    name: str
    reason: str = ""
    until: int = 0


@dataclass(frozen=True, slots=True)
class Moderation:
    """Carries out what owners ask.

    Methods with an `owner` raise Refused: not_a_member or forbidden if that is no longer
    the owner, unknown_account for a name that nobody has, and those that they document.
    """

    registry: SessionRegistry
    rooms: Rooms
    storage: Storage
    passwords: Passwords
    wait_published: WaitPublished
    now: Callable[[], int]  # milliseconds since 1970, UTC

    # --- the room

    async def set_topic(self, owner: Account, room: Room, topic: str) -> None:
        """Set the topic, or clear it if `topic` is empty. Raises Refused as `check_line`."""
        line = check_line(topic, MAX_TOPIC, "The topic")
        draft = AuditDraft(room.id, owner.id, "topic", self.now(), reason=line)
        async with owner_lock(owner, room):
            id = await self.storage.write(lambda store: store.set_topic(draft, line))
            room.topic = line
            room.broadcast(Block([room.changed_event(), audit_event(room, owner, draft, id)]))

    async def reset_password(self, owner: Account, room: Room) -> str:
        """Give the room a new password; return it, which is never shown again."""
        password = make_code()
        hashed = await self.passwords.hash(password, owner.id)
        draft = AuditDraft(room.id, owner.id, "new_password", self.now())
        async with owner_lock(owner, room):
            id = await self.storage.write(lambda store: store.renew_room_password(draft, hashed))
            room.password = hashed
            room.broadcast(Block([audit_event(room, owner, draft, id)]))
        return password

    async def delete(self, owner: Account, room: Room) -> None:
        """Delete the room for all its members."""
        async with owner_lock(owner, room):
            await self.remove(room, owner.name)

    async def remove(self, room: Room, by: str = "") -> None:
        """As `delete`, without asking who owns it. The caller holds `room.lock`."""
        await self.rooms.remove(room, by)
        for account in self.registry.online_accounts:
            account.rooms.discard(room.id)

    # --- its members

    async def kick(self, owner: Account, room: Room, name: str, reason: str) -> None:
        """End a membership. Raises Refused (forbidden) if there is none."""
        target = await self._target(name, reason)
        draft = AuditDraft(room.id, owner.id, "kick", self.now(), target.id, reason=target.reason)
        async with owner_lock(owner, room):
            async with leaving(self.wait_published, [room], target.id):
                id = await self.storage.write(lambda store: store.kick(draft))
                if id is None:
                    raise no_such_member(target.name)
                await self._remove_member(owner, room, target, "kick")
            room.broadcast(Block([audit_event(room, owner, draft, id, target.name)]))

    async def ban(self, owner: Account, room: Room, name: str, until: str, reason: str) -> None:
        """End a membership, if there is one, and allow none until `until`.

        Raises Refused (forbidden) if MAX_SANCTIONS bans hold.
        """
        target = await self._target(name, reason, until)
        async with owner_lock(owner, room):
            member = await self.storage.read(lambda store: store.is_member(room.id, target.id))
            async with leaving(self.wait_published, [room], target.id):
                event = await self._impose(owner, room, "ban", target)
                if member:
                    await self._remove_member(owner, room, target, "ban")
            room.broadcast(Block([event]))

    async def unban(self, owner: Account, room: Room, name: str) -> None:
        """Allow a banned account to join again. Raises Refused (forbidden) if it is not banned."""
        target = await self._target(name)
        async with owner_lock(owner, room):
            room.broadcast(Block([await self._lift(owner, room, "ban", target)]))

    async def mute(self, owner: Account, room: Room, name: str, until: str, reason: str) -> None:
        """Refuse the posts of an account until `until`.

        Raises Refused (forbidden) if MAX_SANCTIONS mutes hold.
        """
        target = await self._target(name, reason, until)
        async with owner_lock(owner, room):
            async with leaving(self.wait_published, [room], target.id):
                event = await self._impose(owner, room, "mute", target)
                mute = Sanction(room.id, target.id, target.until, target.reason)
                make_place(room.mutes, MAX_SANCTIONS, self.now())
                room.mutes[target.id] = mute
            room.broadcast(Block([event]))

    async def unmute(self, owner: Account, room: Room, name: str) -> None:
        """Lift a mute. Raises Refused (forbidden) if there is none."""
        target = await self._target(name)
        async with owner_lock(owner, room):
            event = await self._lift(owner, room, "mute", target)
            room.mutes.pop(target.id, None)
            room.broadcast(Block([event]))

    async def find_mute(self, room: Room, name: str) -> tuple[str, Sanction | None]:
        """Return the account's name as it is written, and its mute, if one is in force.

        Raises Refused (unknown_account).
        """
        account = await find_account(self.storage, name)
        return account.name, room.mute_of(account.id, self.now())

    # --- posting

    def writable_room(self, account: Account, name: str) -> Room:
        """As `Rooms.joined`, for an account that wants to post. Raises Refused (muted) as well."""
        room = self.rooms.joined(account, name)
        if room.mutes and (mute := room.mute_of(account.id, self.now())):
            raise muted_error(room.name, mute)
        return room

    # --- parts

    async def _target(self, name: str, reason: str = "", until: str = "") -> Target:
        line, end = check_line(reason, MAX_REASON, "The reason"), parse_until(until, self.now())
        account = await find_account(self.storage, name)
        return Target(account.id, account.name, line, end)

    async def _impose(
        self, owner: Account, room: Room, kind: SanctionKind, target: Target
    ) -> Audited:
        draft = AuditDraft(
            room.id, owner.id, kind, self.now(), target.id, target.until, target.reason
        )
        id = await self.storage.write(lambda store: store.impose(draft, kind, MAX_SANCTIONS))
        if id is None:
            raise Refused(
                Code.FORBIDDEN,
                f"This room has {MAX_SANCTIONS:,} {kind}s, which is the limit. "
                f"Lift one first with /un{kind}.",
            )
        return audit_event(room, owner, draft, id, target.name)

    async def _lift(
        self, owner: Account, room: Room, kind: SanctionKind, target: Target
    ) -> Audited:
        draft = AuditDraft(room.id, owner.id, f"un{kind}", self.now(), target.id)
        id = await self.storage.write(lambda store: store.lift(draft, kind))
        if id is None:
            adjective = "banned" if kind == "ban" else "muted"
            raise Refused(Code.FORBIDDEN, f"{target.name} isn't {adjective} in this room.")
        return audit_event(room, owner, draft, id, target.name)

    async def _remove_member(self, owner: Account, room: Room, target: Target, action: str) -> None:
        """Announce the end of a membership that has ended on disk, and detach its sessions."""
        until = rfc3339(target.until) if target.until else ""
        left = Left(room.name, target.name, owner.name, target.reason, action, until)
        online = await loaded_account(self.registry, target.id)
        if online is not None and room.id in online.rooms:
            room.remove_member(online, left)
        else:
            room.broadcast(Block([left]))


@asynccontextmanager
async def owner_lock(owner: Account, room: Room) -> AsyncGenerator[None]:
    """Hold `room.lock` for an action of its owner: members and owner stay as they are.

    Raises Refused as `check_owner`: while waiting for the lock, the owner may have
    handed the room over or left it.
    """
    async with room.lock:
        check_owner(owner, room)
        yield


def check_owner(account: Account, room: Room) -> None:
    """Raise Refused (not_a_member, forbidden) unless `account` owns `room`."""
    if room.id not in account.rooms:
        raise Refused(Code.NOT_A_MEMBER, "You're not in this room.")
    if room.owner != account.name:
        raise Refused(Code.FORBIDDEN, "Only the room's owner can do that.")


def check_may_own(account: AccountRecord) -> None:
    """Raise Refused (forbidden) if `account` is a guest's, which lasts for a day only."""
    if account.guest_until:
        raise Refused(Code.FORBIDDEN, f"{account.name} is a guest. Guests can't own a room.")


def no_such_member(name: str) -> Refused:
    """Return the refusal of an action on `name`, who is not a member of the room.

    Not `not_a_member`: that is about the requester, whose client then forgets the room.
    """
    return Refused(Code.FORBIDDEN, f"{name} isn't in this room.")
