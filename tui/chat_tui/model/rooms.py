"""The rooms that we are in, kept up to date from events and replies. Pure."""

from collections.abc import Iterable, Iterator
from typing import Final

from chat_shared import messages as m
from chat_shared.limits import GENERAL, MAX_SEEN
from chat_shared.names import fold
from chat_tui.model import members, muting, read_state
from chat_tui.model.changes import (
    Change,
    HistoryLost,
    MemberJoined,
    MemberLeft,
    MembersChanged,
    RoomAdded,
    RoomRemoved,
    RoomsChanged,
    StartedOver,
)
from chat_tui.model.resuming import NOTHING, Known
from chat_tui.model.room import Room

MAX_PRESENCES: Final = 10_000  # people whose presence is known, of all rooms: as in one room
# Nothing says which of the two it was.
_WHILE_OFFLINE: Final = "you left or were removed while this device was offline"


class Rooms(dict[str, Room]):
    """Keyed by the server's names."""

    def __init__(self) -> None:
        super().__init__()
        # By folded name, regardless of the room it was reported for. The server reports only on
        # the room that is watched, so for others this may be old; a new connection knows none.
        self.presence: dict[str, m.Member] = {}

    def forget_all(self) -> None:
        """Forget every room and everyone's presence."""
        self.clear()
        self.presence.clear()

    def note_presence(self, members: Iterable[m.Member]) -> None:
        self.presence |= {fold(member.name): member for member in members}
        for name in list(self.presence)[:-MAX_PRESENCES]:
            del self.presence[name]

    def disconnected(self) -> Iterator[Change]:
        """Forget who is online."""
        self.presence.clear()
        for room in self.values():
            members.unknown(room)
            yield MembersChanged(room.name)

    def find(self, name: str) -> Room | None:
        """Return the room of this name in any case, else the direct message with that person."""
        key = fold(name)
        named = (room for room in self.values() if fold(room.name) == key)
        return self.get(name) or next(named, None) or self.with_peer(name.removeprefix("@"))

    def with_peer(self, name: str) -> Room | None:
        """Return the direct message with `name`, if there is one."""
        key = fold(name)
        return next((room for room in self.values() if room.peer and fold(room.peer) == key), None)

    def in_order(self) -> list[str]:
        """Return the names in display order: general first, direct messages last."""
        return sorted(self, key=lambda name: _rank(self[name]))

    def someone_joined(self, event: m.Entered, *, mine: bool) -> Iterator[Change]:
        room = self.get(event.room)
        if room is None and mine and (room := self._added(event.room)):
            yield RoomAdded(event.room)
            yield RoomsChanged()
        if room is not None and members.add(room, event.name, guest=event.guest):
            yield MemberJoined(room.name, event.name, event.guest)
            yield MembersChanged(room.name)

    def _added(self, name: str) -> Room | None:
        """Return the room of this name, added if need be; None where there are too many."""
        if name not in self and len(self) < MAX_SEEN:
            self[name] = Room(name)
        return self.get(name)

    def someone_left(self, event: m.Left, *, mine: bool) -> Iterator[Change]:
        if mine:
            yield from self.forget(event.room, event)
        elif room := self.get(event.room):
            members.remove(room, event.name)
            yield MemberLeft(room.name, event.name, event.by, event.reason)
            yield MembersChanged(room.name)

    def forget(self, name: str, left: m.Left | None = None) -> Iterator[Change]:
        """Remove a room that we are no longer in; `left` says how that came."""
        room = self.pop(name, None)
        if room is not None:
            yield RoomRemoved(name, room.title, left)
            yield RoomsChanged()

    def seen(self) -> dict[str, Known]:
        """Return the newest message that we have of each room, for `resume`."""
        return {room.name: room.seen for room in self.values()}

    def behind(self, reply: m.Welcome) -> Iterator[str]:
        """Yield the rooms in which messages were missed, which arrive one by one or as a gap."""
        for info in reply.rooms:
            room = self.get(info.room)
            if room is not None and info.last_seq > room.seen.seq:
                yield room.name

    def welcomed(self, reply: m.Welcome, *, resumed: bool) -> Iterator[Change]:
        """Replace our rooms by those of the server's list."""
        self.presence.clear()
        rooms = reply.rooms[:MAX_SEEN]
        for name in self.keys() - {info.room for info in rooms}:
            yield from self.forget(name, m.Left(name, reply.account, reason=_WHILE_OFFLINE))
        for info in rooms:
            yield from self._listed(info, resumed=resumed)
        yield RoomsChanged()

    def _listed(self, info: m.RoomInfo, *, resumed: bool) -> Iterator[Change]:
        room = self.get(info.room)
        if room is None:
            room = self[info.room] = Room(info.room, last_seq=info.last_seq)
        elif info.last_seq < room.last_seq:
            yield from self._lost(room, info)
        elif not resumed:
            # Nobody has compared what we hold with what the server has, as `resume` does.
            room.start_over()
            room.known = NOTHING
            yield StartedOver(room.name)
        room.owner, room.peer, room.idle_pages = info.owner, info.peer, 0
        muting.listed(room)
        room.audit.forget_newest()
        read_state.take_counts(room, info)
        if not resumed:
            # After `resume`, missed messages follow as events; after a log-in they do not.
            room.last_seq = info.last_seq

    def restored(self, event: m.Restored) -> Iterator[Change]:
        """Start over where other messages have the numbers of those that we hold."""
        if room := self.get(event.room):
            yield from self._lost(room, event)
            read_state.take_counts(room, event)
            yield RoomsChanged()

    def _lost(self, room: Room, info: m.RoomInfo | m.Restored) -> Iterator[Change]:
        """Start over in a room whose newest messages the server has lost, as in a restore."""
        room.lose(info.last_seq)
        yield StartedOver(room.name)
        yield HistoryLost(room.name)

    def created(self, reply: m.Created, account: str) -> Iterator[Change]:
        if (room := self._added(reply.room)) is None:
            return
        room.owner = account
        members.add(room, account)
        yield RoomsChanged()

    def joined(self, reply: m.Joined) -> Iterator[Change]:
        if (room := self._added(reply.room)) is None:
            return
        room.topic, room.owner, room.peer = reply.topic, reply.owner, reply.peer
        muting.joined(room, reply)
        read_state.take_counts(room, reply)
        room.last_seq = max(room.last_seq, reply.last_seq)
        members.listed(room, reply.members, more=reply.more)
        self.note_presence(reply.members)
        yield RoomsChanged()
        yield MembersChanged(room.name)

    def members(self, reply: m.MemberPage, *, goes_on: bool) -> Iterator[Change]:
        room = self.get(reply.room)
        if room is not None:
            members.listed(room, reply.members, more=reply.more, goes_on=goes_on)
            self.note_presence(reply.members)
            yield MembersChanged(room.name)

    def more_members(self, name: str) -> m.Members | None:
        """Return the request for the next page of members, once, if there is one."""
        room = self.get(name)
        if room is None or not room.members_after:
            return None
        after, room.members_after = room.members_after, ""
        return m.Members(id=m.UNNUMBERED, room=name, after=after)


def _rank(room: Room) -> tuple[bool, bool, str]:
    return bool(room.peer), room.name != GENERAL, fold(room.title)
