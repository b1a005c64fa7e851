"""What the client knows: rooms, their messages and members, and what is unread.

Pure: events and replies go in, changes come out, and the screen draws those.
Names are kept as the server wrote them; they are made safe where they are
drawn. Knows no network, no clock and no screen.
"""

import re
from collections.abc import Iterator
from typing import Final

from chat_shared import messages as m
from chat_shared.limits import GENERAL
from chat_shared.names import fold
from chat_tui.changes import (
    Appended,
    Came,
    Change,
    MembersChanged,
    Noticed,
    OutboxChanged,
    PasswordLost,
    Prepended,
    RoomCame,
    RoomGone,
    RoomsChanged,
    StartedOver,
    Went,
)
from chat_tui.outbox import Outbox
from chat_tui.room import Room, first_run, last_run

MOST: Final = 10_000  # messages of one room in memory, whoever reads where: some megabytes


class ChatState:
    """Everything that one account knows. Only `apply`, `answer`, `read` and `leave` change it."""

    def __init__(self) -> None:
        self.account = ""
        self.rooms: dict[str, Room] = {}
        self.outbox = Outbox()
        self._calls_us = re.compile(r"(?!)")
        self._asked_for: set[str] = set()  # rooms, folded: whether they were made is not known

    def seen(self) -> dict[str, int]:
        """Return what `resume` says: up to where each room is known."""
        return {room.name: room.last_seq for room in self.rooms.values()}

    def room_names(self) -> list[str]:
        """Return the rooms as they are listed: general first, then by name."""
        return sorted(self.rooms, key=lambda name: (name != GENERAL, fold(name)))

    def find(self, name: str) -> Room | None:
        """Return the room of this name, however it is spelt."""
        if name in self.rooms:
            return self.rooms[name]
        return next((r for r in self.rooms.values() if fold(r.name) == fold(name)), None)

    def leave(self) -> None:
        """Forget everything: another server is gone to, where nothing of this is so."""
        self.account = ""
        self.rooms.clear()
        self.outbox.clear()
        self._asked_for.clear()

    def is_me(self, name: str) -> bool:
        return fold(name) == fold(self.account)

    def mentions_us(self, text: str) -> bool:
        """Say whether `text` calls us by name."""
        return self._calls_us.search(text) is not None

    @property
    def unread(self) -> int:
        return sum(room.unread for room in self.rooms.values())

    def read(self, name: str) -> list[Change]:
        """Note that somebody has looked at the end of this room."""
        room = self.rooms.get(name)
        if room is None or not (room.unread or room.mentions):
            return []
        room.read_seq = room.last_seq
        room.mentions = 0
        return [RoomsChanged()]

    # --- events

    def apply(self, event: m.Event) -> list[Change]:
        """Take in what happened. A message that is known already changes nothing."""
        match event:
            case m.Posted():
                return list(self._posted(event))
            case m.Entered():
                return list(self._entered(event))
            case m.Left():
                return list(self._left(event))
            case m.Gap():
                return list(self._gap(event))
            case m.Notice():
                return [Noticed(event.text)]
        return []

    def _posted(self, event: m.Posted) -> Iterator[Change]:
        if event.nonce and self.is_me(event.author) and self.outbox.said(event.nonce):
            yield OutboxChanged(event.room)
        room = self.rooms.get(event.room)
        if room is None or event.seq <= room.last_seq:
            return
        at_the_end = room.reaches_the_end and event.seq == room.last_seq + 1
        room.last_seq = event.seq
        self._count(room, event)
        yield RoomsChanged()
        if at_the_end:
            line = m.Line(event.seq, event.author, event.text, event.at)
            yield from self._append(room, [line])

    def _count(self, room: Room, event: m.Posted) -> None:
        """Whoever writes has read; whoever is called by name is told so."""
        if self.is_me(event.author):
            room.read_seq, room.mentions = event.seq, 0
        elif self.mentions_us(event.text):
            room.mentions += 1

    def _append(self, room: Room, lines: list[m.Line]) -> Iterator[Change]:
        # Somebody who reads far back all day must not fill the memory: beyond
        # this, new messages are only counted, and paged in when they are wanted.
        if len(room.lines) < MOST:
            room.lines += lines
            room.held_to = lines[-1].seq
            yield Appended(room.name, tuple(lines))
        yield from self._settle(room)

    def _settle(self, room: Room) -> Iterator[Change]:
        if self.outbox.said_up_to(room.name, room.last_seq):
            yield OutboxChanged(room.name)

    def _entered(self, event: m.Entered) -> Iterator[Change]:
        room = self.rooms.get(event.room)
        if room is None and self.is_me(event.name):
            room = self.rooms[event.room] = Room(event.room)
            yield RoomCame(event.room)
            yield RoomsChanged()
        if room is not None and fold(event.name) not in room.members:
            room.members[fold(event.name)] = m.Member(event.name, True)
            yield Came(room.name, event.name)
            yield MembersChanged(room.name)

    def _left(self, event: m.Left) -> Iterator[Change]:
        if self.is_me(event.name):
            yield from self._forget(event.room)
        elif room := self.rooms.get(event.room):
            room.members.pop(fold(event.name), None)
            yield Went(room.name, event.name)
            yield MembersChanged(room.name)

    def _forget(self, name: str) -> Iterator[Change]:
        if self.rooms.pop(name, None) is not None:
            yield RoomGone(name)
            yield RoomsChanged()

    def _gap(self, event: m.Gap) -> Iterator[Change]:
        room = self.rooms.get(event.room)
        if room is not None and event.before - 1 > room.last_seq:
            room.last_seq = event.before - 1
            yield RoomsChanged()

    # --- replies

    def answer(self, request: m.Request, reply: m.Reply | None) -> list[Change]:
        """Take in the reply to `request`; None where the line was lost before it came."""
        self._no_longer_asked(request, answered=reply is not None)
        if isinstance(request, m.Post):
            return list(self._post_answered(request))
        match reply:
            case m.Welcome():
                return list(self._welcome(reply, resumed=isinstance(request, m.Resume)))
            case m.Created():
                return list(self._created(reply))
            case m.Joined():
                return list(self._joined(reply))
            case m.Page() if isinstance(request, m.History):
                return list(self._page(request, reply))
            case m.MemberPage() if isinstance(request, m.Members):
                return list(self._members(reply, goes_on=bool(request.after)))
            case m.Ok() if isinstance(request, m.Exit):
                return list(self._forget(request.room))
        return []

    def _no_longer_asked(self, request: m.Request, *, answered: bool) -> None:
        match request:
            case m.History() if room := self.rooms.get(request.room):
                room.paging = False
            case m.Create() if not answered:
                known = self.find(request.room)
                if known is None or not self.is_me(known.owner):  # what is ours is no news
                    self._asked_for.add(fold(request.room))

    def _post_answered(self, request: m.Post) -> Iterator[Change]:
        if room := self.rooms.get(request.room):
            self.outbox.said_up_to(room.name, room.last_seq)
        yield OutboxChanged(request.room)

    def _welcome(self, reply: m.Welcome, *, resumed: bool) -> Iterator[Change]:
        if fold(reply.account) != fold(self.account):
            self.leave()
        self.account = reply.account
        self._calls_us = re.compile(rf"(?<!\w)@?{re.escape(reply.account)}(?!\w)", re.IGNORECASE)
        for name in self.rooms.keys() - {info.room for info in reply.rooms}:
            yield from self._forget(name)
        for info in reply.rooms:
            yield from self._welcomed(info, resumed=resumed)
            if fold(info.room) in self._asked_for and self.is_me(info.owner):
                yield PasswordLost(info.room)
        self._asked_for.clear()
        yield RoomsChanged()

    def _welcomed(self, info: m.RoomInfo, *, resumed: bool) -> Iterator[Change]:
        room = self.rooms.get(info.room)
        if room is None:
            room = self.rooms[info.room] = Room(
                info.room, last_seq=info.last_seq, read_seq=info.read_seq
            )
        elif info.last_seq < room.last_seq:
            # The server was put back to an earlier day: what it says now is what counts.
            room.start_over()
            room.last_seq = room.read_seq = info.last_seq
            yield StartedOver(room.name)
        room.owner = info.owner
        if not resumed:
            # After `resume`, what was missed follows as events; after a log-in it does not.
            room.last_seq = info.last_seq

    def _created(self, reply: m.Created) -> Iterator[Change]:
        room = self.rooms.setdefault(reply.room, Room(reply.room))
        room.owner = self.account
        room.members.setdefault(fold(self.account), m.Member(self.account, True))
        yield RoomsChanged()

    def _joined(self, reply: m.Joined) -> Iterator[Change]:
        known = self.rooms.get(reply.room)
        room = known or self.rooms.setdefault(reply.room, Room(reply.room))
        room.topic, room.owner = reply.topic, reply.owner
        if reply.last_seq > room.last_seq:
            # What was said before one came is history, not news.
            room.last_seq = room.read_seq = reply.last_seq
        room.members = {fold(member.name): member for member in reply.members}
        yield RoomsChanged()
        yield MembersChanged(room.name)

    def _members(self, reply: m.MemberPage, *, goes_on: bool) -> Iterator[Change]:
        room = self.rooms.get(reply.room)
        if room is None:
            return
        if not goes_on:
            room.members.clear()
        room.members |= {fold(member.name): member for member in reply.members}
        yield MembersChanged(room.name)

    def _page(self, request: m.History, reply: m.Page) -> Iterator[Change]:
        room = self.rooms.get(reply.room)
        if room is None:
            return
        older = last_run([line for line in reply.messages if line.seq < room.first_held])
        newer = first_run([line for line in reply.messages if line.seq > room.held_to])
        if not reply.messages:
            yield from self._empty_page(room, request)
        elif not room.lines or reply.messages[0].seq > room.held_to + 1:
            yield from self._replace(room, reply.messages)
        elif older and older[-1].seq == room.first_held - 1:
            yield from self._prepend(room, older, more=reply.more)
        elif newer and newer[0].seq == room.held_to + 1:
            room.last_seq = max(room.last_seq, newer[-1].seq)
            yield from self._append(room, newer)

    def _empty_page(self, room: Room, request: m.History) -> Iterator[Change]:
        """Nothing is kept where something was asked for; do not ask for it again."""
        if request.before is not None:
            room.more_before = False
        if request.after is not None or not room.lines:
            room.held_to = room.last_seq
        yield StartedOver(room.name)

    def _replace(self, room: Room, lines: list[m.Line]) -> Iterator[Change]:
        """Begin anew with a page that does not touch what is held."""
        room.start_over()
        room.lines = last_run(lines)
        room.held_to = room.lines[-1].seq
        room.last_seq = max(room.last_seq, room.held_to)
        yield StartedOver(room.name)
        yield from self._settle(room)

    def _prepend(self, room: Room, older: list[m.Line], *, more: bool) -> Iterator[Change]:
        room.more_before = more
        room.lines[:0] = older
        yield Prepended(room.name, tuple(older))
        if room.forget_newest():
            yield StartedOver(room.name)
