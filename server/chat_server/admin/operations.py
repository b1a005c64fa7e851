"""The operator's actions on a running server. Knows no socket and no terminal."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import Final

from chat_server.accounts.codes import code_digest, make_code
from chat_server.errors import OperatorError
from chat_server.rooms.leaving import leaving
from chat_server.rooms.room import Room
from chat_server.services import Services
from chat_server.sessions.blocks import Block
from chat_server.store.api import AccountRecord
from chat_server.store.threads import Storage
from chat_shared.lengths import too_long
from chat_shared.limits import MAX_TEXT
from chat_shared.messages import Left, Notice
from chat_shared.names import fold, is_direct
from chat_shared.text import has_controls

_DAY: Final = 86_400_000  # milliseconds
_MAX_INVITE_DAYS: Final = 365

_LOGGED_OUT = "the operator logged you out"
_LOCKED = "the operator locked this account"
_DELETED = "the operator deleted this account"


@dataclass(frozen=True, slots=True)
class Administration:
    """Carries out the operator's requests, on disk and in memory. Raises OperatorError.

    To shut an account out, the disk is changed first and its sessions are
    closed after that, so that nobody can log in between.
    """

    services: Services
    storage: Storage
    now: Callable[[], int]  # milliseconds since 1970, UTC

    # --- accounts

    async def reset_password(self, name: str) -> str:
        """Set and return a new random password; log out all devices and remove all SSH keys."""
        account = await self._account(name)
        if account.guest_until:
            raise OperatorError(f"{account.name} is a guest, without a password.")
        password = make_code()
        await self.services.accounts.reset_password(account, password)
        await self._log_out(account, _LOGGED_OUT)
        return password

    async def lock(self, name: str) -> int:
        """Prevent log-ins to the account; return how many devices were logged out."""
        account = await self._account(name)
        await self.storage.write(lambda store: store.set_locked(account.id, self.now()))
        return await self._log_out(account, _LOCKED)

    async def unlock(self, name: str) -> None:
        """Allow log-ins to the account again."""
        account = await self._account(name)
        await self.storage.write(lambda store: store.set_locked(account.id, None))

    async def log_out(self, name: str) -> int:
        """Log out all devices of the account; return how many."""
        return await self._log_out(await self._account(name), _LOGGED_OUT)

    async def delete_account(self, name: str) -> None:
        """Delete the account. Its messages stay, and its name stays taken."""
        account = await self._account(name)
        await self.services.rooms.load_direct(account.id)
        ids = await self.storage.read(lambda store: store.rooms_of(account.id))
        rooms = list(filter(None, map(self.services.rooms.get, ids)))
        async with leaving(self.services.journal.wait_published, rooms, account.id):
            left = await self.storage.write(
                lambda store: store.remove_account(account.id, self.now())
            )
            await self._log_out(account, _DELETED)
            await self.services.direct_messages.mark_deleted(account.id)
            for room in rooms:
                self._remove_member(account, room)
        await self.services.ownership.apply_transfers(account.name, left)

    # --- rooms

    async def delete_room(self, name: str) -> None:
        """Delete the room and all its messages."""
        room = await self._room(name)
        if room is self.services.rooms.general:
            raise OperatorError("The general room cannot be deleted.")
        async with room.lock:
            if room in self.services.rooms:  # otherwise its owner deleted it meanwhile
                await self.services.moderation.remove(room)
        self.services.guests.look()

    async def reset_room_password(self, name: str) -> str:
        """Set and return a new random password of the room. Its members stay."""
        room = await self._room(name)
        if room is self.services.rooms.general:
            raise OperatorError("The general room has no password: every account is a member.")
        if room.participants:
            raise OperatorError("Direct messages have no password: nobody else can join them.")
        return await self.services.rooms.set_password(room)

    async def set_room_owner(self, name: str, account_name: str) -> None:
        """Make the account the owner of the room, and a member if it is not one."""
        room, account = await self._room(name), await self._account(account_name)
        if room is self.services.rooms.general:
            raise OperatorError("The general room has no owner.")
        if is_direct(room.name):
            raise OperatorError("Direct messages have no owner.")
        await self.services.ownership.assign(room, account)

    async def set_room_keep(self, name: str, keep: int | None) -> None:
        """Keep the room's messages for `keep` milliseconds; 0 for forever, None for the default."""
        room = await self._room(name)
        await self.storage.write(lambda store: store.set_keep(room.id, keep))

    # --- the server

    async def invite(self, days: int) -> str:
        """Return a new code that one person can register with, for so many days."""
        if not 1 <= days <= _MAX_INVITE_DAYS:
            raise OperatorError(f"An invitation can be valid for 1 to {_MAX_INVITE_DAYS} days.")
        code, at = make_code(), self.now()
        expires = at + days * _DAY
        await self.storage.write(lambda store: store.add_invite(code_digest(code), at, expires))
        return code

    def send_notice(self, text: str) -> int:
        """Send `text` to all who are logged in; return how many accounts that is.

        Sessions still catching up in the general room do not receive it.
        """
        if sentence := too_long("The notice", text, MAX_TEXT):
            raise OperatorError(sentence)
        if not text.strip():
            raise OperatorError("A notice can't be empty.")
        if has_controls(text):
            raise OperatorError(
                "A notice can't contain control characters other than line breaks and tabs."
            )
        block = Block([Notice(text)])
        self.services.rooms.general.broadcast(block)
        online = self.services.registry.online_accounts
        guests = (account for account in online if account.guest_until)
        for session in chain.from_iterable(guest.sessions for guest in guests):
            if session.welcomed:
                session.deliver(block)
        return len(online)

    async def _account(self, name: str) -> AccountRecord:
        account = await self.storage.read(lambda store: store.account(fold(name)))
        if account is None:
            raise OperatorError(f"There is no account named {name}.")
        if account.removed:
            raise OperatorError(f"The account {name} was deleted.")
        return account

    async def _room(self, name: str) -> Room:
        rooms = self.services.rooms
        room = await rooms.find_direct(name) if is_direct(name) else rooms.find(name)
        if room is None:
            raise OperatorError(f"There is no room named {name}.")
        return room

    async def _log_out(self, account: AccountRecord, reason: str) -> int:
        # A transaction of its own, after the one that shut the account out: a
        # log-in that wrote its token before that one has its session by now.
        devices = await self.storage.write(lambda store: store.revoke_tokens(account.id))
        self.services.registry.disconnect_account(account.id, reason)
        return devices

    def _remove_member(self, account: AccountRecord, room: Room) -> None:
        live = self.services.registry.find(account.id)
        if live is not None:
            room.remove_member(live)
        else:
            room.broadcast(Block([Left(room.name, account.name)]))
