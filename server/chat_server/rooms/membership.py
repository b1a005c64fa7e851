"""Who may come into a room: whoever knows its password or has an invitation, and is not banned."""

from collections.abc import Callable
from typing import Final

from chat_server.accounts.codes import as_made, digest_of
from chat_server.accounts.login_throttle import LoginThrottle
from chat_server.accounts.passwords import Passwords
from chat_server.rooms.room import Room, Rooms
from chat_server.rooms.sanctions import banned
from chat_server.sessions.session import Account
from chat_server.store.api import InvalidInviteError
from chat_server.store.threads import Storage
from chat_shared.errors import Code, Refused
from chat_shared.names import fold

_WRONG: Final = "There is no such room, or this is not its password."


class Membership:
    """Lets people into rooms. Who does not know how is told nothing of them."""

    def __init__(
        self, rooms: Rooms, storage: Storage, passwords: Passwords, now: Callable[[], int]
    ) -> None:
        self._rooms = rooms
        self._storage = storage
        self._passwords = passwords
        self._now = now  # milliseconds since 1970, UTC
        self._throttle = LoginThrottle(storage, now)

    async def join(self, account: Account, name: str, password: str, address: str = "") -> Room:
        """Return the room, with `account` a member, who asks from `address`. Raises Refused."""
        room = self._rooms.find(name)
        if room is not None and room.id in account.rooms:
            return room
        about = ("room", fold(name), str(account.id), address)
        invite = await self._prove(room, password, *about)
        assert room is not None  # or nothing had been proved
        async with room.changing:
            if room not in self._rooms:  # removed meanwhile
                raise _wrong()
            if room.id not in account.rooms:  # another device may have been faster
                async with account.joining:
                    await self._let_in(account, room, invite)
        return room

    async def _prove(self, room: Room | None, password: str, *about: str) -> bytes | None:
        """Check what opens the room: its password, or an invitation, whose digest is returned.

        Raises Refused. An invitation is looked for before anything is hashed, and so
        where there is no such room, which is to take as long.
        """
        number = room.id if room else 0
        digest, invited = digest_of(password), False

        async def guess() -> bool:
            nonlocal invited
            now = self._now()
            invited = await self._storage.read(
                lambda store: store.has_room_invite(number, digest, now)
            )
            kept = room.password if room else ""
            return invited or await self._passwords.verify(as_made(password), kept)

        if not await self._throttle.check(guess, *about):
            raise _wrong()
        return digest if invited else None

    async def _let_in(self, account: Account, room: Room, invite: bytes | None) -> None:
        """Make `account` a member, whom a ban may keep out even now. Raises Refused."""
        now = self._now()
        ban = await self._storage.read(lambda store: store.ban(room.id, account.id, now))
        if ban is not None:
            raise banned(room.name, ban)
        self._rooms.check_not_full(account)
        try:
            await self._storage.write(
                lambda store: store.add_member(room.id, account.id, now, invite)
            )
        except InvalidInviteError:  # somebody else has used it meanwhile
            raise _wrong() from None
        room.add_member(account)


def _wrong() -> Refused:
    return Refused(Code.WRONG_ROOM_OR_PASSWORD, _WRONG)
