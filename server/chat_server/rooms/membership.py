"""Joining and leaving rooms. Knows neither who owns them nor who is online."""

from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Final

import trio

from chat_server.accounts.accounts import find_account
from chat_server.accounts.codes import code_digest, normalize_code
from chat_server.accounts.login_throttle import LoginThrottle
from chat_server.accounts.passwords import Passwords
from chat_server.rooms.audit import audit_event, recorded_audit_event
from chat_server.rooms.directory import Rooms, account_gone
from chat_server.rooms.leaving import WaitPublished, leaving, leaving_direct
from chat_server.rooms.moderation import check_may_own, no_such_member
from chat_server.rooms.room import Room
from chat_server.rooms.sanctions import banned_error
from chat_server.sessions.blocks import Block
from chat_server.sessions.session import Account
from chat_server.store.api import AuditDraft, GoneError, InvalidInviteError
from chat_server.store.threads import Storage
from chat_shared.errors import Code, Refused
from chat_shared.messages import Event
from chat_shared.names import fold

_WRONG: Final = "Wrong room name or password."
_WRONG_CODE: Final = "This invitation code is wrong, expired or already used."


class Membership:
    """Adds members by password or invitation, and ends memberships on the member's request.

    Rooms that exist and rooms that do not are refused in the same words and time.
    """

    def __init__(
        self,
        rooms: Rooms,
        storage: Storage,
        passwords: Passwords,
        wait_published: WaitPublished,
        now: Callable[[], int],
    ) -> None:
        self._rooms = rooms
        self._storage = storage
        self._passwords = passwords
        self._wait_published = wait_published
        self._now = now  # milliseconds since 1970, UTC
        self._throttle = LoginThrottle(storage, now)

    async def join(self, account: Account, name: str, password: str, address: str = "") -> Room:
        """Make `account` a member, on a request from `address`; return the room.

        Without a name, the room is the one of the invitation that `password` is then. Raises
        Refused (wrong_room_or_password, banned, forbidden, too_fast).
        """
        room = self._rooms.find(name) if name else await self._invited_room(password)
        if room is not None and room.id in account.rooms:
            return room
        key = ("room", fold(name), str(account.id), address)
        invite = await self._authorize(room, password, account.id, *key, name=name)
        assert room is not None  # else nothing could have been authorized
        async with room.lock:
            if room not in self._rooms:  # deleted meanwhile
                raise _wrong(name)
            if room.id not in account.rooms:  # another device may have been faster
                async with account.join_lock:
                    await self._add_member(account, room, invite)
        return room

    async def _invited_room(self, code: str) -> Room | None:
        digest, now = code_digest(code), self._now()
        id = await self._storage.read(lambda store: store.invited_room(digest, now))
        return None if id is None else self._rooms.get(id)

    async def leave(self, account: Account, room: Room, successor: str) -> None:
        """End a membership; an owner's room goes to `successor`, or to its oldest member.

        Raises Refused (cannot_exit_general, unknown_account, forbidden).
        """
        if room is self._rooms.general:
            raise Refused(Code.CANNOT_EXIT_GENERAL, "You can't leave general: everyone is in it.")
        draft = AuditDraft(room.id, account.id, "exit", self._now())
        async with room.lock:
            if room.id not in account.rooms:  # another device was faster
                return
            to = await self._successor(account, room, successor) if successor else None
            async with self._leaving(room, account):
                transfer = await self._storage.write(lambda store: store.leave(draft, to))
                room.remove_member(account)
            if transfer is not None:
                room.set_owner(transfer.account, transfer.name)
                events: list[Event] = [room.changed_event()]
                if transfer.audit_id:
                    id, name = transfer.audit_id, transfer.name
                    events.append(audit_event(room, account, draft, id, name))
                room.broadcast(Block(events))
            await self._remove_if_unused(room)

    def _leaving(self, room: Room, account: Account) -> AbstractAsyncContextManager[None]:
        if room.participants:
            return leaving_direct(self._wait_published, room, account.id)
        return leaving(self._wait_published, [room], account.id)

    async def remove_unused(self, rooms: Iterable[Room]) -> None:
        """Delete those of `rooms` that have neither members nor messages. Done even if cancelled.

        Their names are free then; nobody else knows that they ever existed.
        """
        with trio.CancelScope(shield=True):
            for room in rooms:
                async with room.lock:
                    await self._remove_if_unused(room)

    async def _remove_if_unused(self, room: Room) -> None:
        """Delete `room` if it has neither members nor messages. The caller holds its lock."""
        if room is self._rooms.general or room.participants or room.last_seq:
            return
        await self._wait_published(room)
        used = await self._storage.read(lambda store: store.has_members(room.id, 1))
        if room in self._rooms and not (used or room.last_seq):
            await self._rooms.remove(room)

    async def _authorize(
        self, room: Room | None, password: str, by: int, *key: str, name: str
    ) -> bytes | None:
        """Check `password`, given by account `by`, against the room's password and invitations.

        Returns the digest of the invitation, if it is one. Raises `_wrong(name)`, or Refused
        (too_fast).
        The invitation is looked up before anything is hashed, and so where there is no such room,
        which must take as long.
        """
        id = room.id if room else 0
        digest, invited = code_digest(password), False

        async def verify() -> bool:
            nonlocal invited
            now = self._now()
            invited = id == await self._storage.read(lambda store: store.invited_room(digest, now))
            hashed = room.password if room else ""
            return invited or await self._passwords.verify(normalize_code(password), hashed, by)

        if not await self._throttle.attempt(verify, *key):
            raise _wrong(name)
        return digest if invited else None

    async def _add_member(self, account: Account, room: Room, invite: bytes | None) -> None:
        """Make `account` a member, unless banned. Raises Refused. Both locks are held."""
        now = self._now()
        ban = await self._storage.read(lambda store: store.ban(room.id, account.id, now))
        if ban is not None:
            raise banned_error(room.name, ban)
        self._rooms.check_not_full(account)
        try:
            entry = await self._storage.write(
                lambda store: store.add_member(room.id, account.id, now, invite)
            )
        except InvalidInviteError:  # used by another account meanwhile
            raise _wrong("") from None
        except GoneError:  # deleted by another device
            raise account_gone() from None
        room.add_member(account)
        if entry is not None:
            room.broadcast(Block([recorded_audit_event(room.name, entry)]))

    async def _successor(self, account: Account, room: Room, name: str) -> int:
        """Return the id of the member whom the owner has named. Raises Refused."""
        if room.owner != account.name:
            raise Refused(Code.FORBIDDEN, "Only the owner can choose the next owner.")
        successor = await find_account(self._storage, name)
        check_may_own(successor)
        if successor.id == account.id:
            raise Refused(
                Code.FORBIDDEN,
                "You can't be the next owner of a room you're leaving. Choose another member.",
            )
        if not await self._storage.read(lambda store: store.is_member(room.id, successor.id)):
            raise no_such_member(successor.name)
        return successor.id


def _wrong(name: str) -> Refused:
    """Return the refusal of a password for the room `name`; without one, of an invitation."""
    return Refused(Code.WRONG_ROOM_OR_PASSWORD, _WRONG if name else _WRONG_CODE)
