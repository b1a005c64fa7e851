"""What the owner of a room may do in it: to the room, and to whoever is or would be in it.

Everything is on disk, with a line for the members to read, before it takes
hold; and takes hold before it is answered. Knows no request and no door.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from chat_server.accounts.codes import digest_of, make_code
from chat_server.accounts.passwords import Passwords
from chat_server.rooms.audit import audited
from chat_server.rooms.room import Room, Rooms
from chat_server.rooms.sanctions import check_line, end_of, muted
from chat_server.sessions.blocks import Block
from chat_server.sessions.registry import SessionRegistry, settled
from chat_server.sessions.session import Account
from chat_server.store.api import AccountRecord, AuditDraft, Sanction, SanctionKind
from chat_server.store.threads import Storage
from chat_shared.errors import Code, Refused
from chat_shared.limits import MAX_REASON, MAX_TOPIC
from chat_shared.messages import Audited, Left
from chat_shared.names import fold

_INVITE_LASTS: Final = 7 * 86_400_000  # milliseconds
MOST_INVITES: Final = 100  # of a room that wait to be used: a class; each is a way in
MOST_SANCTIONS: Final = 1_000  # bans of a room, and as many mutes, which are held in memory

_TOO_MANY_INVITES: Final = (
    f"{MOST_INVITES} invitations to this room wait to be used. Pass on the room's password "
    "instead, or wait until one runs out."
)
_TOO_MANY_SANCTIONS: Final = f"A room has at most {MOST_SANCTIONS:,} of them. Take one back first."


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody to whom something is done, and why, and until when (0: for good)."""

    id: int
    name: str
    reason: str = ""
    until: int = 0


@dataclass(frozen=True, slots=True)
class Moderation:
    """Does what owners ask. Everything raises Refused where it is not granted."""

    registry: SessionRegistry
    rooms: Rooms
    storage: Storage
    passwords: Passwords
    now: Callable[[], int]  # milliseconds since 1970, UTC

    # --- the room

    async def set_topic(self, by: Account, room: Room, topic: str) -> None:
        """Let the room be about `topic`, or nothing."""
        line = check_line(topic, MAX_TOPIC, "topic")
        act = AuditDraft(room.id, by.id, "topic", self.now(), reason=line)
        async with held(by, room):
            number = await self.storage.write(lambda store: store.set_topic(act, line))
            room.topic = line
            room.broadcast(Block([room.described(), audited(room, by, act, number)]))

    async def renew_password(self, by: Account, room: Room) -> str:
        """Give the room a fresh password; return it, which nobody is told again."""
        password = make_code()
        kept = await self.passwords.hash(password)
        act = AuditDraft(room.id, by.id, "new_password", self.now())
        async with held(by, room):
            number = await self.storage.write(lambda store: store.renew_room_password(act, kept))
            room.password = kept
            room.broadcast(Block([audited(room, by, act, number)]))
        return password

    async def invite(self, by: Account, room: Room) -> tuple[str, int]:
        """Return a fresh code that lets one person join, and when it runs out."""
        code, now = make_code(), self.now()
        digest = digest_of(code)
        act = AuditDraft(room.id, by.id, "invite", now, until=now + _INVITE_LASTS)
        async with held(by, room):
            number = await self.storage.write(
                lambda store: store.add_room_invite(act, digest, MOST_INVITES)
            )
            if number is None:
                raise Refused(Code.FORBIDDEN, _TOO_MANY_INVITES)
            room.broadcast(Block([audited(room, by, act, number)]))
        return code, act.until

    async def delete(self, by: Account, room: Room) -> None:
        """Let there be no such room, for anybody."""
        async with held(by, room):
            await self.remove(room, by.name)

    async def remove(self, room: Room, by: str = "") -> None:
        """As `delete`, by whoever may. `room.changing` is held."""
        await self.rooms.remove(room, by)
        for account in self.registry.accounts:
            account.rooms.discard(room.id)

    # --- who is in it

    async def kick(self, by: Account, room: Room, name: str, reason: str) -> None:
        """End a membership."""
        whom = await self._whom(name, reason)
        act = AuditDraft(room.id, by.id, "kick", self.now(), whom.id, reason=whom.reason)
        async with held(by, room):
            number = await self.storage.write(lambda store: store.kick(act))
            if number is None:
                raise no_member(whom.name)
            await self._remove(by, room, whom)
            room.broadcast(Block([audited(room, by, act, number, whom.name)]))

    async def ban(self, by: Account, room: Room, name: str, until: str, reason: str) -> None:
        """End a membership, if there is one, and let none begin before `until`."""
        whom = await self._whom(name, reason, until)
        async with held(by, room):
            member = await self.storage.read(lambda store: store.is_member(room.id, whom.id))
            audit_event = await self._impose(by, room, "ban", whom)
            if member:
                await self._remove(by, room, whom)
            room.broadcast(Block([audit_event]))

    async def unban(self, by: Account, room: Room, name: str) -> None:
        """Let somebody join again who knows how."""
        whom = await self._whom(name)
        async with held(by, room):
            room.broadcast(Block([await self._lift(by, room, "ban", whom)]))

    async def mute(self, by: Account, room: Room, name: str, until: str, reason: str) -> None:
        """Let somebody not write before `until`."""
        whom = await self._whom(name, reason, until)
        async with held(by, room):
            audit_event = await self._impose(by, room, "mute", whom)
            room.mutes[whom.id] = Sanction(room.id, whom.id, whom.until, whom.reason)
            room.broadcast(Block([audit_event]))

    async def unmute(self, by: Account, room: Room, name: str) -> None:
        """Let somebody write again."""
        whom = await self._whom(name)
        async with held(by, room):
            audit_event = await self._lift(by, room, "mute", whom)
            room.mutes.pop(whom.id, None)
            room.broadcast(Block([audit_event]))

    def check_may_write(self, account: Account, room: Room) -> None:
        """Raise Refused (muted) unless `account`, a member, may write in `room`."""
        mute = room.mutes.get(account.id)
        if mute is None:
            return
        if mute.holds(self.now()):
            raise muted(room.name, mute)
        del room.mutes[account.id]

    # --- parts

    async def _whom(self, name: str, reason: str = "", until: str = "") -> Target:
        line, end = check_line(reason, MAX_REASON, "reason"), end_of(until, self.now())
        account = await known(self.storage, name)
        return Target(account.id, account.name, line, end)

    async def _impose(self, by: Account, room: Room, kind: SanctionKind, whom: Target) -> Audited:
        act = AuditDraft(room.id, by.id, kind, self.now(), whom.id, whom.until, whom.reason)
        number = await self.storage.write(lambda store: store.impose(act, kind, MOST_SANCTIONS))
        if number is None:
            raise Refused(Code.FORBIDDEN, _TOO_MANY_SANCTIONS)
        return audited(room, by, act, number, whom.name)

    async def _lift(self, by: Account, room: Room, kind: SanctionKind, whom: Target) -> Audited:
        act = AuditDraft(room.id, by.id, f"un{kind}", self.now(), whom.id)
        number = await self.storage.write(lambda store: store.lift(act, kind))
        if number is None:
            adjective = "banned" if kind == "ban" else "muted"
            raise Refused(Code.FORBIDDEN, f"{whom.name} is not {adjective} here.")
        return audited(room, by, act, number, whom.name)

    async def _remove(self, by: Account, room: Room, whom: Target) -> None:
        """Let somebody hear nothing more whose membership has ended on disk."""
        live = await settled(self.registry, whom.id)
        if live is not None and room.id in live.rooms:
            room.remove_member(live, by.name, whom.reason)
        else:
            room.broadcast(Block([Left(room.name, whom.name, by.name, whom.reason)]))


@asynccontextmanager
async def held(by: Account, room: Room) -> AsyncGenerator[None]:
    """Let nobody else come, go or own while the owner does something. Raises Refused.

    While they waited for it they may have handed the room over, or left it.
    """
    async with room.changing:
        check_owner(by, room)
        yield


def check_owner(account: Account, room: Room) -> None:
    """Raise Refused unless `account` owns `room`."""
    if room.id not in account.rooms:
        raise Refused(Code.NOT_A_MEMBER, "You are not in this room.")
    if room.owner != account.name:
        raise Refused(Code.FORBIDDEN, "Only the owner of this room may do that.")


async def known(storage: Storage, name: str) -> AccountRecord:
    """Return the account of this name. Raises Refused (unknown_account)."""
    account = await storage.read(lambda store: store.account(fold(name)))
    if account is None or account.removed:
        raise Refused(Code.UNKNOWN_ACCOUNT, "Nobody here has this name.")
    return account


def no_member(name: str) -> Refused:
    """Return the answer to who would do something with a member that is none.

    Not `not_a_member`: that is said of whoever asks, and their client forgets the room.
    """
    return Refused(Code.FORBIDDEN, f"{name} is not in this room.")
