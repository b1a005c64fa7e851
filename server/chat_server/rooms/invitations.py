"""Invitations to a room: any member makes them, and each lets one person register and join.

What becomes of them stands in the room's audit log. Knows no request and no protocol.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Final

import trio

from chat_server.accounts.codes import code_digest, make_code
from chat_server.config import Registration
from chat_server.rooms.audit import audit_event, recorded_audit_event
from chat_server.rooms.directory import Rooms
from chat_server.rooms.room import Room
from chat_server.rooms.sanctions import muted_error
from chat_server.sessions.blocks import Block
from chat_server.sessions.rate_limits import TokenBuckets
from chat_server.sessions.session import Account
from chat_server.store.api import (
    AccountRecord,
    AuditDraft,
    InvalidInviteError,
    InviteRecord,
    InvitesFullError,
)
from chat_server.store.threads import Storage
from chat_shared.errors import Code, Refused
from chat_shared.messages import Entered

_LASTS: Final = 7 * 86_400_000  # milliseconds
MAX_INVITES: Final = 100  # unused ones of a room: enough for a class; each lets someone join
MAX_GENERAL_INVITES: Final = 1_000  # of the general room, which is everyone's

# Invitations that a member can make at once, and seconds for each further one: an owner's
# actions must not be pushed out of the audit log by invitations made and revoked.
MAX_MADE: Final = 20
MADE_EVERY: Final = 600.0

_TOO_MANY_MADE: Final = "You have created too many invitations. Try again in a few minutes."
_ROOM_FULL: Final = (
    "This room has {} unused invitations, which is the limit. "
    "Wait until one expires, or revoke one with /invitations."
)
_AUTHOR_FULL: Final = (
    "You already have {} unused invitations or more. "
    "Wait until one expires, or revoke one with /invitations."
)
_ONLY_OWNER: Final = "On this server, only a room's owner can invite people to it."
_ONLY_OPERATOR: Final = "On this server, only the operator can invite people."
_CLOSED: Final = (
    "This server isn't accepting new accounts, and everyone who has one is in general already."
)
_GUESTS_IN_GENERAL: Final = (
    "Guests come to one room, and general is everyone's. Make the link in another room."
)
_DIRECT: Final = "Direct messages are between two people. Invite others to a room."
_GONE: Final = "This invitation was used, has expired or was revoked."


@dataclass(frozen=True, slots=True)
class Invitations:
    """Makes, lists and revokes invitations, and adds accounts by them."""

    rooms: Rooms
    storage: Storage
    now: Callable[[], int]  # milliseconds since 1970, UTC
    registration: Registration
    per_member: int  # unused ones of a member who does not own the room; 0 for none
    _made: TokenBuckets = field(default_factory=lambda: TokenBuckets(MAX_MADE, 1 / MADE_EVERY))

    @property
    def register(self) -> bool:
        """Whether people can create an account with an invitation to a room."""
        return self.registration == "open" or (self.registration == "invite" and self._by_members)

    @property
    def _by_members(self) -> bool:
        return self.per_member > 0

    async def invite(self, account: Account, room: Room, guests: int = 0) -> tuple[str, int]:
        """Return a new code, and when it expires. It lets in so many `guests` at a time, if any.

        Raises Refused (not_a_member, muted, forbidden, too_fast).
        """
        is_owner = room.owner == account.name
        if guests and room is self.rooms.general:
            raise Refused(Code.FORBIDDEN, _GUESTS_IN_GENERAL)
        self._check_may_invite(account, room, is_owner=is_owner)
        if not is_owner:
            self._made.take_or_refuse(account.id, trio.current_time(), _TOO_MANY_MADE)
        code, now = make_code(), self.now()
        action = "invite_guests" if guests else "invite"
        draft = AuditDraft(room.id, account.id, action, now, until=now + _LASTS)
        async with _member_lock(account, room):
            id = await self._store(draft, code, None if is_owner else self.per_member, guests)
            room.broadcast(Block([audit_event(room, account, draft, id)]))
        return code, draft.until

    async def unused(self, account: Account, room: Room) -> list[InviteRecord]:
        """Return the unused invitations of `account` to `room`; of everyone, for its owner."""
        by, now = _author(account, room), self.now()
        return await self.storage.read(lambda store: store.room_invites(room.id, by, now))

    async def revoke(self, account: Account, room: Room, id: int) -> None:
        """Make one of `unused` useless. Raises Refused (not_a_member, forbidden)."""
        draft = AuditDraft(room.id, account.id, "revoke_invitation", self.now())
        async with _member_lock(account, room):
            by = _author(account, room)
            try:
                audit_id, author = await self.storage.write(
                    lambda store: store.remove_room_invite(draft, id, by)
                )
            except InvalidInviteError:
                raise Refused(Code.FORBIDDEN, _GONE) from None
            room.broadcast(Block([audit_event(room, account, draft, audit_id, author)]))

    async def add_account(self, key: str, name: str, password: str, invite: bytes) -> AccountRecord:
        """Add an account by the invitation with this digest; its room sees it join.

        All of it is one transaction. Raises TakenError, InvalidInviteError.
        """
        now = self.now()
        id = await self.storage.read(lambda store: store.invited_room(invite, now))
        room = None if id is None else self.rooms.get(id)
        async with room.lock if room else nullcontext():
            account, entry = await self.storage.write_bulk(
                lambda store: store.add_invited_account(key, name, password, now, invite)
            )
            if room is not None and entry is not None:
                # The general room sees everyone join once they are welcomed.
                joined = [] if room is self.rooms.general else [Entered(room.name, name)]
                room.broadcast(Block([*joined, recorded_audit_event(room.name, entry)]))
        return account

    def _check_may_invite(self, account: Account, room: Room, *, is_owner: bool) -> None:
        if room.participants:
            raise Refused(Code.FORBIDDEN, _DIRECT)
        if mute := room.mute_of(account.id, self.now()):
            raise muted_error(room.name, mute)
        if room is self.rooms.general and self.registration == "closed":
            raise Refused(Code.FORBIDDEN, _CLOSED)
        if not (is_owner or self._by_members):
            is_general = room is self.rooms.general
            raise Refused(Code.FORBIDDEN, _ONLY_OPERATOR if is_general else _ONLY_OWNER)

    async def _store(self, draft: AuditDraft, code: str, own_limit: int | None, guests: int) -> int:
        """Store an invitation; return the id of its audit entry. Raises Refused (forbidden)."""
        is_general = draft.room == self.rooms.general.id
        limit = MAX_GENERAL_INVITES if is_general else MAX_INVITES
        digest = code_digest(code)
        try:
            return await self.storage.write(
                lambda store: store.add_room_invite(draft, digest, limit, own_limit, guests)
            )
        except InvitesFullError as exc:
            self._made.charge(draft.by, -1, trio.current_time())  # given back: none was made
            full = {"room": _ROOM_FULL.format(limit), "author": _AUTHOR_FULL.format(own_limit)}
            raise Refused(Code.FORBIDDEN, full[exc.args[0]]) from None


def _author(account: Account, room: Room) -> int | None:
    """Return whose invitations `account` sees: its own, or as the owner everyone's (None)."""
    return None if room.owner == account.name else account.id


@asynccontextmanager
async def _member_lock(account: Account, room: Room) -> AsyncGenerator[None]:
    """Hold `room.lock` for an action of a member. Raises Refused (not_a_member)."""
    async with room.lock:
        if room.id not in account.rooms:  # left or removed while waiting
            raise Refused(Code.NOT_A_MEMBER, "You're not in this room.")
        yield
