"""What the operator may do to a house that is running. Knows no socket and no terminal."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from chat_server.accounts.codes import digest_of, make_code
from chat_server.errors import OperatorError
from chat_server.rooms.room import Room
from chat_server.services import Services
from chat_server.sessions.blocks import Block
from chat_server.store.api import AccountRecord
from chat_server.store.threads import Storage
from chat_shared.limits import MAX_TEXT
from chat_shared.messages import Left, Notice
from chat_shared.names import fold, is_direct
from chat_shared.text import has_controls

_DAY: Final = 86_400_000  # milliseconds
_MOST_DAYS: Final = 365

_DROPPED = "the operator logged this account out"
_DELETED = "this account was deleted by the operator"


@dataclass(frozen=True, slots=True)
class Administration:
    """Does what the operator asks, at once and on disk. Raises OperatorError where it cannot.

    Where somebody is shut out, the disk is changed first and their sessions
    end after that: nobody slips back in between.
    """

    services: Services
    storage: Storage
    now: Callable[[], int]  # milliseconds since 1970, UTC

    # --- accounts

    async def reset_password(self, name: str) -> str:
        """Give the account a fresh password, log all its devices out; return the password."""
        account = await self._account(name)
        password = make_code()
        await self.services.accounts.set_password(account, password)
        await self._log_out(account, _DROPPED)
        return password

    async def lock(self, name: str) -> int:
        """Let nobody log in as the account; return how many sessions that ended."""
        account = await self._account(name)
        await self.storage.write(lambda store: store.set_locked(account.id, self.now()))
        return await self._log_out(account, "this account was locked by the operator")

    async def unlock(self, name: str) -> None:
        """Let the account log in again."""
        account = await self._account(name)
        await self.storage.write(lambda store: store.set_locked(account.id, None))

    async def drop_sessions(self, name: str) -> int:
        """Log all devices of the account out; return how many were connected."""
        return await self._log_out(await self._account(name), _DROPPED)

    async def delete_account(self, name: str) -> None:
        """Let nobody be the account again. What it said stays, and nobody else gets its name."""
        account = await self._account(name)
        rooms = await self.storage.read(lambda store: store.rooms_of(account.id))
        left = await self.storage.write(lambda store: store.remove_account(account.id, self.now()))
        await self._log_out(account, _DELETED)
        await self.services.direct_rooms.forget(account.id)
        for room in filter(None, map(self.services.rooms.get, rooms)):
            self._take_out(account, room)
        await self.services.succession.follow(account.name, left)

    # --- rooms

    async def delete_room(self, name: str) -> None:
        """Let there be no such room, nor anything that was said in it."""
        room = self._room(name)
        if room is self.services.rooms.general:
            raise OperatorError("The general room stays.")
        async with room.changing:
            if room in self.services.rooms:  # or its owner was faster
                await self.services.moderation.remove(room)

    async def new_room_password(self, name: str) -> str:
        """Give the room a fresh password; return it. Who is a member stays one."""
        room = self._room(name)
        if room is self.services.rooms.general:
            raise OperatorError("The general room has no password: everybody is in it.")
        if room.peers:
            raise OperatorError("A room of two has no password: nobody else can join it.")
        return await self.services.rooms.set_password(room)

    async def own_room(self, name: str, account_name: str) -> None:
        """Let the account own the room, in which it is from then on."""
        room, account = self._room(name), await self._account(account_name)
        if room is self.services.rooms.general:
            raise OperatorError("The general room is nobody's: everybody is in it.")
        if is_direct(room.name):
            raise OperatorError("A room of two is nobody's.")
        await self.services.succession.give(room, account)

    async def keep_room(self, name: str, keep: int | None) -> None:
        """Keep the room's messages for so many milliseconds; 0 for ever; None as the server."""
        room = self._room(name)
        await self.storage.write(lambda store: store.set_keep(room.id, keep))

    # --- everybody

    async def invite(self, days: int) -> str:
        """Return a fresh code that lets one account be made within so many days."""
        if not 1 <= days <= _MOST_DAYS:
            raise OperatorError(f"An invitation is good for 1 to {_MOST_DAYS} days.")
        code, at = make_code(), self.now()
        expires = at + days * _DAY
        await self.storage.write(lambda store: store.add_invite(digest_of(code), at, expires))
        return code

    def announce(self, text: str) -> int:
        """Tell everybody who is logged in; return how many accounts that are.

        Who is still catching up in the general room does not hear it.
        """
        if not text.strip() or len(text) > MAX_TEXT or has_controls(text):
            raise OperatorError(
                f"A notice has 1 to {MAX_TEXT:,} characters, no control characters among them."
            )
        self.services.rooms.general.broadcast(Block([Notice(text)]))
        return len(self.services.registry.accounts)

    # --- parts

    async def _account(self, name: str) -> AccountRecord:
        account = await self.storage.read(lambda store: store.account(fold(name)))
        if account is None:
            raise OperatorError(f"There is no account called {name}.")
        if account.removed:
            raise OperatorError(f"The account {name} was deleted.")
        return account

    def _room(self, name: str) -> Room:
        room = self.services.rooms.find(name)
        if room is None:
            raise OperatorError(f"There is no room called {name}.")
        return room

    async def _log_out(self, account: AccountRecord, reason: str) -> int:
        # A transaction of its own, behind the one that shut them out: a log-in
        # whose token was written before that one has its session by now.
        await self.storage.write(lambda store: store.revoke_tokens(account.id))
        return self.services.registry.disconnect_account(account.id, reason)

    def _take_out(self, account: AccountRecord, room: Room) -> None:
        live = self.services.registry.find(account.id)
        if live is not None:
            room.remove_member(live)
        else:
            room.broadcast(Block([Left(room.name, account.name)]))
