"""The rooms of the server, by name and by id, and the rooms of each account.

All that can be joined are in memory from the start on. Direct messages, of which there may be
many more, are there while one of the two is online, and for a while after they were used.
"""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Final

import trio

from chat_server.accounts.codes import make_code
from chat_server.accounts.passwords import OPERATOR, Passwords
from chat_server.rooms.room import Room
from chat_server.sessions.rate_limits import TokenBuckets
from chat_server.sessions.session import Account
from chat_server.store.api import AccountState, GoneError, RoomRecord, TakenError
from chat_server.store.threads import Storage
from chat_server.tasks.gathering import Gathering
from chat_shared.errors import Code, Refused
from chat_shared.limits import GENERAL, MAX_DIRECT
from chat_shared.names import check_new_name, fold

# Rooms that an account can create at once, one for each group of a large class, and seconds
# for each further one. Each takes a name from everybody else.
MAX_CREATED: Final = 50
CREATED_EVERY: Final = 60.0

_TOO_MANY_CREATED: Final = "You have created too many rooms. Try again in a minute."

# Seconds after which an unused direct message is forgotten, and at most twice as many.
FORGET_AFTER: Final = 600.0

_LOADED: Final = 16  # accounts whose rooms are read at a time, each with its direct messages

_AT_A_TIME: Final = 500  # rooms that are looked at in one turn of the event loop: a millisecond


class Rooms:
    """All rooms. Only `create`, `load`, `find_direct` and the like wait."""

    def __init__(
        self,
        storage: Storage,
        passwords: Passwords,
        *,
        per_account: int,
        now: Callable[[], int],
    ) -> None:
        self._storage = storage
        self._passwords = passwords
        self.per_account: Final = per_account  # the general room and direct messages not counted
        self._now = now  # milliseconds since 1970, UTC
        self._by_key: dict[str, Room] = {}
        self._by_id: dict[int, Room] = {}
        # Held while direct messages are read, forgotten or created, and from the write of
        # anything that concerns one but not its members until its object has changed too.
        self.direct_lock: Final = trio.Lock()
        self._loading: Gathering[Account, None] = Gathering(self._load_accounts, _LOADED)
        self._unused: set[int] = set()  # direct messages, at the last call of `forget_unused`
        self._created = TokenBuckets(MAX_CREATED, 1 / CREATED_EVERY)  # by account
        self._past_deliveries = 0  # of rooms that are no longer here

    async def load(self) -> None:
        """Read the rooms that can be joined from the store, with their mutes.

        A crash may have left an account in too many direct messages: ends the surplus first.
        """
        await self._storage.write(lambda store: store.leave_excess_direct_rooms(MAX_DIRECT))
        for record in await self._storage.read(lambda store: store.shared_rooms()):
            self.add(record)
        for mute in await self._storage.read(lambda store: store.mutes()):
            if room := self.get(mute.room):  # else it is removed, but not purged yet
                room.mutes[mute.account] = mute

    # --- looking up

    @property
    def general(self) -> Room:
        """The room of which every account is a member."""
        return self._by_key[GENERAL]

    @property
    def deliveries(self) -> int:
        """Messages sent since the start, counted once for each receiving session."""
        return self._past_deliveries + sum(room.deliveries for room in self._by_id.values())

    def get(self, id: int) -> Room | None:
        """Return the room with this id; None if it was deleted, or is a forgotten direct one."""
        return self._by_id.get(id)

    def find(self, name: str) -> Room | None:
        """Return the room with this name, in any case of letters, or None.

        Not for direct messages of people who are offline: see `find_direct`.
        """
        return self._by_key.get(fold(name))

    async def find_direct(self, name: str) -> Room | None:
        """Return the direct message with this name, read from the store if need be, or None."""
        if (room := self.find(name)) is None:
            async with self.direct_lock:
                room = self.find(name) or await self._read_direct(name)
        if room is not None:
            self._unused.discard(room.id)
        return room

    def __contains__(self, room: Room) -> bool:
        return room.id in self._by_id

    def of(self, account: Account) -> list[Room]:
        """Return the rooms of `account`, the general room first, then by age."""
        return [self._by_id[id] for id in sorted(account.rooms) if id in self._by_id]

    def joined(self, account: Account, name: str) -> Room:
        """Return the room with this name that `account` is a member of.

        Raises Refused (not_a_member), also where there is no such room: which rooms
        exist is not revealed.
        """
        room = self.find(name)
        if room is None or room.id not in account.rooms:
            raise Refused(Code.NOT_A_MEMBER, "You're not in this room.")
        return room

    async def load_account(self, account: Account) -> None:
        """Read the rooms and marks of an account whose first session has just connected.

        Locked, so that a second session waits for the same answer; from then on
        `Room.add_member` and `Room.remove_member` keep it true. Later sessions do
        not wait: no member may be added between their attaching and their welcome.
        """
        if account.loaded:
            return
        async with account.load_lock:
            if account.loaded:
                return
            await self._loading.ask(account)

    async def _load_accounts(self, accounts: Sequence[Account]) -> list[None]:
        states = await self._load_direct([account.id for account in accounts])
        for account, state in zip(accounts, states, strict=True):
            account.rooms.update(state.read)
            account.read = state.read | account.read  # marks set meanwhile are newer
            account.away = state.away
            account.loaded = True
        return [None] * len(accounts)

    async def _read_direct(self, name: str) -> Room | None:
        record = await self._storage.read(lambda store: store.direct_room(name))
        return self.add(record) if record else None

    async def load_direct(self, account: int) -> None:
        """Read the direct messages of `account`."""
        await self._load_direct([account])

    async def _load_direct(self, accounts: Sequence[int]) -> list[AccountState]:
        """Read the direct messages of `accounts`; return their states of the same moment."""
        async with self.direct_lock:
            found = await self._storage.read(
                lambda store: [
                    (store.account_state(id), store.direct_rooms_of(id)) for id in accounts
                ]
            )
            for record in chain.from_iterable(records for _, records in found):
                self._unused.discard(record.id)
                if record.id not in self._by_id:
                    self.add(record)
        return [state for state, _ in found]

    # --- forgetting

    async def run_forgetting(self, is_in_use: Callable[[Room], bool]) -> None:
        """Forget unused direct messages, forever."""
        while True:
            await trio.sleep(FORGET_AFTER)
            await self.forget_unused(is_in_use)

    async def forget_unused(self, is_in_use: Callable[[Room], bool]) -> None:
        """Forget the direct messages that were unused at the last call, and still are.

        Twice, so that nothing that began while they were used goes on with an object that
        is not the room any more.
        """
        direct = [room for room in self._by_id.values() if room.participants]
        for start in range(0, len(direct), _AT_A_TIME):
            async with self.direct_lock:
                for room in direct[start : start + _AT_A_TIME]:
                    if room in self:
                        self._forget_if_unused(room, is_in_use)

    def _forget_if_unused(self, room: Room, is_in_use: Callable[[Room], bool]) -> None:
        if room.lock.locked() or is_in_use(room):
            self._unused.discard(room.id)
        elif room.id in self._unused:
            self._drop(room)
        else:
            self._unused.add(room.id)

    def _drop(self, room: Room) -> None:
        del self._by_key[fold(room.name)], self._by_id[room.id]
        self._unused.discard(room.id)
        self._past_deliveries += room.deliveries

    # --- changing

    async def create(self, account: Account, name: str) -> tuple[Room, str]:
        """Create a room; return it and its password, which is never shown again.

        Raises Refused (room_exists, forbidden, too_fast, and as `check_new_name`).
        """
        shown = check_new_name(name)
        if self.find(shown) is not None:
            raise _exists(shown)
        password = make_code()
        async with account.join_lock:
            self.check_not_full(account)
            self._created.take_or_refuse(account.id, trio.current_time(), _TOO_MANY_CREATED)
            hashed = await self._passwords.hash(password, account.id)
            try:
                record = await self._storage.write_bulk(
                    lambda store: store.add_room(
                        fold(shown), shown, account.id, hashed, self._now()
                    )
                )
            except TakenError:  # created by another account during the hashing
                raise _exists(shown) from None
            except GoneError:  # deleted by another device
                raise account_gone() from None
            room = self.add(record)
            room.add_member(account)
        return room, password

    async def set_password(self, room: Room) -> str:
        """Give `room` a new password and return it. Members stay. Raises Refused (too_fast)."""
        password = make_code()
        hashed = await self._passwords.hash(password, OPERATOR)
        async with room.lock:
            await self._storage.write(lambda store: store.set_room_password(room.id, hashed))
            room.password = hashed
        return password

    async def remove(self, room: Room, by: str = "") -> None:
        """Delete `room`, whose name is then free. Never the general room.

        The caller holds `room.lock`.
        """
        await self._storage.write(lambda store: store.remove_room(room.id, self._now()))
        self._drop(room)
        room.close(by)

    def add(self, record: RoomRecord) -> Room:
        """Add a room that is in the store."""
        room = self._by_key[fold(record.name)] = self._by_id[record.id] = Room(record)
        return room

    def mark_deleted(self, account: int) -> None:
        """Record in its direct messages that `account` was deleted: they take no new messages.

        The caller holds `direct_lock`.
        """
        for room in self._by_id.values():
            if account in room.participants:
                room.deleted.add(account)

    def check_not_full(self, account: Account) -> None:
        """Raise Refused (forbidden) if `account` may join no further room.

        Direct messages do not count, since others open them.
        """
        if sum(not room.participants for room in self.of(account)) > self.per_account:
            raise Refused(
                Code.FORBIDDEN,
                f"You can't join more rooms (the limit is {self.per_account}). Leave one first.",
            )


def account_gone() -> Refused:
    """Return the refusal of a request by or for an account that has been deleted meanwhile."""
    return Refused(Code.FORBIDDEN, "This account was deleted.")


def _exists(name: str) -> Refused:
    return Refused(Code.ROOM_EXISTS, f"A room named {name} already exists.")
