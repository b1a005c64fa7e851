"""Rooms: who hears what is said in them, in which order, and the rooms by name."""

from collections.abc import Callable
from itertools import chain
from typing import Final

import trio

from chat_server.accounts.codes import make_code
from chat_server.accounts.passwords import Passwords
from chat_server.net.outbox import Outbox, deliver
from chat_server.sessions.blocks import Block, Encoder
from chat_server.sessions.session import Account, Session
from chat_server.store.api import RoomRecord, Sanction, TakenError, Unread
from chat_server.store.threads import Storage
from chat_shared.errors import Code, Refused
from chat_shared.limits import GENERAL, MAX_DIRECT
from chat_shared.messages import Changed, Entered, Left, RoomInfo
from chat_shared.names import check_name, fold


class Room:
    """A room as those see it who are in it now.

    Its sessions hear every block from the moment they are attached, in one
    order, the same for all. Nothing here waits, so nothing comes between.
    """

    __slots__ = (
        "_outboxes",
        "blockers",
        "changing",
        "deliveries",
        "exited",
        "gone",
        "id",
        "last_seq",
        "mutes",
        "name",
        "owner",
        "password",
        "peers",
        "topic",
    )

    def __init__(self, record: RoomRecord) -> None:
        self.id = record.id
        self.name = record.name
        self.owner = record.owner
        self.topic = record.topic
        self.password = record.password  # as hashed
        self.last_seq = record.last_seq  # of the last message that was published
        # In a room of two the names of both, by account, who of them is called back
        # when it is spoken in, who has blocked the other, and whose account was deleted.
        self.peers = {peer.account: peer.name for peer in record.participants}
        self.exited = {p.account for p in record.participants if not (p.member or p.removed)}
        self.blockers = {peer.account for peer in record.participants if peer.blocks}
        self.gone = {peer.account for peer in record.participants if peer.removed}
        self.deliveries = 0  # messages that somebody was told here
        self.mutes: dict[int, Sanction] = {}  # by account; some may have ended
        # Held from the writing of who is in, or whose it is, until the same is true here:
        # what two tasks have written need not come back to them in that order.
        self.changing: Final = trio.Lock()
        # Of those who are here, by how their door writes what the room is told.
        self._outboxes: dict[Encoder, dict[Session, Outbox]] = {}

    def __contains__(self, session: Session) -> bool:
        return session in self._outboxes.get(session.encode, ())

    def attach(self, session: Session) -> None:
        """Let `session` hear everything after `last_seq`."""
        self._outboxes.setdefault(session.encode, {})[session] = session.outbox

    def detach(self, session: Session) -> None:
        """Let `session` hear nothing more. Harmless for one that did not."""
        self._outboxes.get(session.encode, {}).pop(session, None)

    def publish(self, block: Block, last_seq: int) -> None:
        """Tell everybody here `block`, whose last message has number `last_seq`."""
        self.last_seq = last_seq
        self.deliveries += len(block.events) * sum(map(len, self._outboxes.values()))
        self.broadcast(block)

    def broadcast(self, block: Block) -> None:
        """Tell everybody here `block`. Never waits, never reorders."""
        for encode, outboxes in self._outboxes.items():
            deliver(block.encoded(encode), outboxes.values())

    def add_member(self, account: Account) -> None:
        """Let all devices of a new member hear the room, and tell everybody, them too.

        A device that is still to be welcomed finds the room in its welcome.
        """
        account.rooms.add(self.id)
        account.read[self.id] = self.last_seq
        for session in account.sessions:
            if session.welcomed:
                self.attach(session)
        self.broadcast(Block([Entered(self.name, account.name)]))

    def remove_member(self, account: Account, by: str = "", reason: str = "") -> None:
        """Tell everybody that `account` leaves, them too; then they hear nothing more."""
        self.broadcast(Block([Left(self.name, account.name, by, reason)]))
        account.rooms.discard(self.id)
        if account.id in self.peers:
            self.exited.add(account.id)
        for session in account.sessions:
            self.detach(session)

    def close(self, by: str = "") -> None:
        """Tell all devices here that they have left; they hear nothing more."""
        for session in chain.from_iterable(self._outboxes.values()):
            if session.account is not None:
                session.hear(Block([Left(self.name, session.account.name, by)]))
        self._outboxes.clear()

    def set_owner(self, account: int | None, name: str) -> None:
        """Let `account` own the room; nobody, for None. An owner is not muted."""
        self.owner = name
        if account is not None:
            self.mutes.pop(account, None)

    def described(self) -> Changed:
        """Say what the room is about and whose it is, to those who are in it."""
        return Changed(self.name, self.topic, self.owner)

    def peer_of(self, account: Account) -> str:
        """Return the other one's name, in a room of two."""
        return next((name for peer, name in self.peers.items() if peer != account.id), "")

    def info(self, account: Account, unread: Unread) -> RoomInfo:
        """Describe the room to `account` for `welcome`."""
        return RoomInfo(
            self.name,
            self.owner,
            self.last_seq,
            account.read.get(self.id, self.last_seq),
            unread.messages,
            unread.mentions,
            self.peer_of(account),
        )


class Rooms:
    """The rooms by name and by number, and who may be in them."""

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
        self.per_account: Final = per_account  # the general room not counted
        self._now = now  # milliseconds since 1970, UTC
        self._by_key: dict[str, Room] = {}
        self._by_id: dict[int, Room] = {}
        # Removed, but a message may be on its way into one of them still, and
        # what is known by its nonce stays known until it is swept.
        self._removed: dict[int, Room] = {}

    async def load(self) -> None:
        """Take in the rooms that the store has. A crash may have left too many of two."""
        await self._storage.write(lambda store: store.leave_excess_direct_rooms(MAX_DIRECT))
        for record in await self._storage.read(lambda store: store.rooms()):
            self.add(record)
        for mute in await self._storage.read(lambda store: store.mutes(self._now())):
            self.numbered(mute.room).mutes[mute.account] = mute

    @property
    def general(self) -> Room:
        """The room that everybody is in."""
        return self._by_key[GENERAL]

    @property
    def deliveries(self) -> int:
        """Messages told since the start, once for each listener."""
        rooms = (*self._by_id.values(), *self._removed.values())
        return sum(room.deliveries for room in rooms)

    def numbered(self, number: int) -> Room:
        """Return the room of this number, which there is, or was."""
        return self._by_id.get(number) or self._removed[number]

    def get(self, number: int) -> Room | None:
        """Return the room of this number; None where there is none, or is still to be taken in."""
        return self._by_id.get(number)

    def find(self, name: str) -> Room | None:
        """Return the room of this name in whatever case, or None."""
        return self._by_key.get(fold(name))

    def __contains__(self, room: Room) -> bool:
        return room.id in self._by_id

    def of(self, account: Account) -> list[Room]:
        """Return the rooms of `account`, the general one first, then by age."""
        return [self._by_id[number] for number in sorted(account.rooms) if number in self._by_id]

    async def load_account(self, account: Account) -> None:
        """Fill in what is kept of somebody whose first device has just connected.

        Locked, so that a second device waits for the same answer; from then on
        `admit` and `release` keep it true. Later devices do not wait: nothing
        may be admitted between their attaching and their welcome.
        """
        if account.loaded:
            return
        async with account.loading:
            if account.loaded:
                return
            account_state = await self._storage.read(lambda store: store.account_state(account.id))
            account.rooms.update(account_state.read)
            account.read = account_state.read | account.read  # what was noted meanwhile is newer
            account.away = account_state.away
            account.loaded = True

    async def create(self, account: Account, name: str) -> tuple[Room, str]:
        """Make a room; return it and its password, which nobody is told again. Raises Refused."""
        shown = check_name(name)
        exists = Refused(Code.ROOM_EXISTS, f"There is a room called {shown} already.")
        if self.find(shown) is not None:
            raise exists
        password = make_code()
        async with account.joining:
            self.check_not_full(account)
            kept = await self._passwords.hash(password)
            try:
                record = await self._storage.write(
                    lambda store: store.add_room(fold(shown), shown, account.id, kept, self._now())
                )
            except TakenError:  # by somebody who was hashing at the same time
                raise exists from None
            room = self.add(record)
            room.add_member(account)
        return room, password

    async def set_password(self, room: Room) -> str:
        """Give `room` a fresh password; return it. Members stay."""
        password = make_code()
        kept = await self._passwords.hash(password)
        await self._storage.write(lambda store: store.set_room_password(room.id, kept))
        room.password = kept
        return password

    async def remove(self, room: Room, by: str = "") -> None:
        """Let there be no such room; its name is free. Not for the general room.

        `room.changing` is held.
        """
        await self._storage.write(lambda store: store.remove_room(room.id, self._now()))
        del self._by_key[fold(room.name)]
        self._removed[room.id] = self._by_id.pop(room.id)
        room.close(by)

    def add(self, record: RoomRecord) -> Room:
        """Take in a room that the store has."""
        room = Room(record)
        if record.removed:
            self._removed[record.id] = room
        else:
            self._by_key[fold(record.name)] = self._by_id[record.id] = room
        return room

    def forget(self, account: int) -> None:
        """Let nothing more be said to an account that was deleted."""
        for room in self._by_id.values():
            if account in room.peers:
                room.gone.add(account)

    def check_not_full(self, account: Account) -> None:
        """Raise Refused where `account` is in as many rooms as one may be.

        Those of two do not count: others open them.
        """
        if sum(not room.peers for room in self.of(account)) > self.per_account:
            raise Refused(
                Code.FORBIDDEN, f"You are in {self.per_account} rooms. Exit one of them first."
            )
