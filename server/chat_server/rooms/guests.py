"""Guests: people with a temporary account, who come to one room by a link and need no password.

Their account ends after a day, or when they leave the room in whatever way; or they keep it.
Knows no request and no protocol. Links are made, listed and revoked as other `invitations`.
"""

import math
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Final

import structlog
import trio

from chat_server.accounts.accounts import Accounts, name_taken
from chat_server.accounts.codes import code_digest
from chat_server.accounts.identity import Identity
from chat_server.accounts.passwords import Passwords
from chat_server.rooms.audit import recorded_audit_event
from chat_server.rooms.directory import Rooms
from chat_server.rooms.leaving import WaitPublished, leaving
from chat_server.rooms.membership import Membership
from chat_server.rooms.room import Room
from chat_server.sessions.blocks import Block
from chat_server.sessions.rate_limits import TokenBuckets
from chat_server.sessions.registry import SessionRegistry, loaded_account
from chat_server.sessions.session import Account
from chat_server.store.api import (
    AccountRecord,
    AuditRecord,
    FullError,
    GoneError,
    GuestCounts,
    InvalidInviteError,
    StoreError,
    TakenError,
)
from chat_server.store.threads import Storage
from chat_server.tasks.parts import PartFailedError
from chat_shared.errors import Code, Refused
from chat_shared.messages import Entered, Left
from chat_shared.names import check_guest_name, check_password, fold

log = structlog.get_logger()

GUEST_HOURS: Final = 24  # for which a guest's account lasts: an evening, and the morning after

MAX_BY_LINK: Final = 20  # guests at a time by one link: a table of friends, or a small class
MAX_IN_ROOM: Final = 100  # guests at a time in one room, by all its links

# Guests that may come to a room at once, by all its links, and seconds for each further one:
# their names stay taken, and each is in the audit log.
MAX_CREATED: Final = 50
CREATED_EVERY: Final = 600.0

# Seconds for which a guest who isn't connected keeps their place where there is no other: as long
# as a client waits for the person in front of it to come back.
ABSENT_FOR: Final = 600.0

_HOUR: Final = 3_600_000  # milliseconds
_PERIOD: Final = 30.0  # seconds between two looks at whose time is over
# Milliseconds that the clock may be ahead of what is known of it: longer than between two looks.
_LEAP: Final = _HOUR

OVER: Final = "your time as a guest is over; ask for a new link to come back"
REPLACED: Final = "you were away, and your place was given to someone else; the link still works"
LEFT: Final = "you are no longer in the room that you were a guest in"

_NOT_ALLOWED: Final = "This server has no guest links. Its operator can allow them."
_BAD_LINK: Final = "This guest link is wrong, has expired or was revoked. Ask for a new one."
_TOO_MANY: Final = "Too many guests have come to this room. Try again in a few minutes."
_FULL: Final = "There are as many guests as this {} lets in. Try again when one has left."
_NO_GUEST: Final = "You are no guest: this account is yours already."
_NO_LONGER: Final = "You are not a guest any more."


@dataclass(slots=True, eq=False)
class Guests:
    """Adds guests, and ends their accounts or makes ordinary ones of them.

    `run` is its only task.
    """

    accounts: Accounts
    membership: Membership
    registry: SessionRegistry
    rooms: Rooms
    storage: Storage
    passwords: Passwords
    wait_published: WaitPublished
    now: Callable[[], int]  # milliseconds since 1970, UTC
    allowed: bool
    _created: TokenBuckets = field(  # by room
        default_factory=lambda: TokenBuckets(MAX_CREATED, 1 / CREATED_EVERY)
    )
    _requested: trio.Event = field(default_factory=trio.Event)
    _closed: bool = False

    def check_allowed(self) -> None:
        """Raise Refused (forbidden) if there may be no guests on this server."""
        if not self.allowed:
            raise Refused(Code.FORBIDDEN, _NOT_ALLOWED)

    async def add(self, name: str, invite: str, address: str) -> Identity:
        """Add a guest to the room of a link, on a request from `address`; the room sees it.

        Raises Refused (registration_closed, bad_name, name_taken, too_fast, forbidden).
        """
        digest = code_digest(invite)
        # Checked first: without a link, nobody learns which names are taken.
        room = await self._find_room(digest)
        shown = check_guest_name(name)
        if await self.storage.read(lambda store: store.account(fold(shown))):
            raise name_taken(shown)
        self.accounts.policy.charge(address)
        self._created.take_or_refuse(room.id, trio.current_time(), _TOO_MANY)
        try:
            account = await self._enter(room, shown, digest)
        except (Refused, StoreError):
            self._created.charge(room.id, -1, trio.current_time())  # given back: nobody came
            raise
        self.look()
        return await self.accounts.issue_token(account)

    async def _enter(self, room: Room, name: str, link: bytes) -> AccountRecord:
        """Add a guest, in the place of one who is gone if there is no other. Raises Refused."""
        try:
            return await self._add_to(room, name, link)
        except FullError as exc:
            if not await self._free_place(link, in_room=exc.args[0] == "room"):
                raise _full(exc) from None
        try:
            return await self._add_to(room, name, link)
        except FullError as exc:  # somebody was faster
            raise _full(exc) from None

    async def _add_to(self, room: Room, name: str, link: bytes) -> AccountRecord:
        """Add a guest; the room sees it. Raises Refused, and FullError."""
        async with room.lock:
            account, entry = await self._store(name, link)
            entered = Entered(room.name, name, guest=True)
            room.broadcast(Block([entered, recorded_audit_event(room.name, entry)]))
        return account

    async def _free_place(self, link: bytes, *, in_room: bool) -> bool:
        """End the account of the guest who has been away for longest, if it is long enough.

        Of those who came by the link, or of all in its room. Returns whether there was one.
        """
        before = await self._time() - int(ABSENT_FOR * 1000)
        absent = await self.storage.read(
            lambda store: store.absent_guests(link, before, in_room=in_room)
        )
        gone = next((guest for guest in absent if not self.registry.is_online(guest.id)), None)
        if gone is not None:
            await self._end(gone, REPLACED)
        return gone is not None

    async def _store(self, name: str, link: bytes) -> tuple[AccountRecord, AuditRecord]:
        """Store a guest; return the audit entry as well. Raises Refused, and FullError."""
        at = self.now()
        until, most = at + GUEST_HOURS * _HOUR, GuestCounts(MAX_BY_LINK, MAX_IN_ROOM)
        try:
            return await self.storage.write_bulk(
                lambda store: store.add_guest(fold(name), name, at, until, link, most)
            )
        except TakenError:  # by another connection meanwhile
            raise name_taken(name) from None
        except InvalidInviteError:  # revoked meanwhile
            raise _bad_link() from None

    async def keep(self, account: Account, password: str, invite: str, address: str) -> None:
        """Make a guest's account an ordinary one, which is in the general room as everyone is.

        Raises Refused (registration_closed, weak_password, forbidden, too_fast).
        """
        if not account.guest_until:
            raise Refused(Code.FORBIDDEN, _NO_GUEST)
        digest = await self.accounts.policy.check_invited(invite, address)
        prepared = check_password(password)
        hashed = await self.passwords.hash(prepared, account.id)
        invited = await self._invited_room(digest)
        async with invited.lock if invited else nullcontext():
            own = self.rooms.of(account)
            entries = await self._store_kept(account, hashed, digest)
            self.registry.keep(account)
            joined = [invited] if invited else []
            for room in (self.rooms.general, *joined):
                if room.id not in account.rooms:
                    room.add_member(account)
            for room, entry in zip([*own, *joined], entries, strict=False):
                room.broadcast(Block([recorded_audit_event(room.name, entry)]))

    async def _store_kept(
        self, account: Account, password: str, invite: bytes | None
    ) -> list[AuditRecord]:
        """Store that a guest keeps the account; return the audit entries. Raises Refused."""
        at = self.now()
        try:
            return await self.storage.write(
                lambda store: store.keep_guest(account.id, password, at, invite)
            )
        except GoneError:  # meanwhile kept by another connection, or ended
            raise Refused(Code.FORBIDDEN, _NO_LONGER) from None
        except InvalidInviteError:  # used by someone else meanwhile
            raise self.accounts.policy.uninvited() from None

    async def leave(self, account: Account) -> None:
        """End a guest's account on their request."""
        for room in self.rooms.of(account):
            await self.membership.leave(account, room, "")
        self.look()

    # --- ending

    def look(self) -> None:
        """Look soon whose account is to end: a guest has come, or may have left. Never waits."""
        self._requested.set()

    def close(self) -> None:
        """Make `run` end."""
        self._closed = True
        self._requested.set()

    async def run(self) -> None:
        """End the accounts of guests whose time is over or who are in no room, until closed."""
        while not self._closed:
            try:
                waits = await self.end_over()
            except StoreError as exc:
                log.error("guests not removed", reason=str(exc))
                raise PartFailedError from exc
            with trio.move_on_after(_PERIOD if waits else math.inf):
                await self._requested.wait()
            self._requested = trio.Event()

    async def end_over(self) -> bool:
        """End what is to end now; return whether there are other guests."""
        at = await self._time()
        ended = await self.storage.read(lambda store: store.ended_guests(at))
        for guest in ended:
            await self._end(guest, OVER if guest.guest_until <= at else LEFT)
        return await self.storage.read(lambda store: store.has_guests())

    async def _time(self) -> int:
        """Return the time of day, unless the clock has leapt: then it may be wrong.

        What ends, ends permanently. `Retention` follows the clock and decides what to believe.
        """
        expiry = await self.storage.read(lambda store: store.expiry())
        return min(self.now(), expiry.time + _LEAP) if expiry.time else self.now()

    async def _end(self, guest: AccountRecord, reason: str) -> None:
        ids = await self.storage.read(lambda store: store.rooms_of(guest.id))
        rooms = list(filter(None, map(self.rooms.get, ids)))
        async with leaving(self.wait_published, rooms, guest.id):
            at = self.now()
            if not await self.storage.write(lambda store: store.remove_guest(guest.id, at)):
                return  # kept meanwhile
            online = await loaded_account(self.registry, guest.id)
            for room in rooms:
                if online is not None:
                    room.remove_member(online)
                else:
                    room.broadcast(Block([Left(room.name, guest.name)]))
            self.registry.disconnect_account(guest.id, reason)
        await self.membership.remove_unused(rooms)

    # --- looking up

    async def _find_room(self, link: bytes) -> Room:
        """Return the room of the link with this digest. Raises Refused (registration_closed)."""
        now = self.now()
        id = await self.storage.read(lambda store: store.guest_room(link, now))
        room = None if id is None else self.rooms.get(id)
        if room is None or not self.allowed:
            raise _bad_link()
        return room

    async def _invited_room(self, digest: bytes | None) -> Room | None:
        """Return the room of an ordinary invitation, if it is to a room."""
        if digest is None:
            return None
        now = self.now()
        id = await self.storage.read(lambda store: store.invited_room(digest, now))
        return None if id is None else self.rooms.get(id)


def _bad_link() -> Refused:
    return Refused(Code.REGISTRATION_CLOSED, _BAD_LINK)


def _full(exc: FullError) -> Refused:
    return Refused(Code.FORBIDDEN, _FULL.format(exc.args[0]))
