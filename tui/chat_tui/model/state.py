"""What the client knows: its account, its rooms, and what is under way.

Pure: events and replies go in, changes come out, and the screen draws those.
Names are kept as the server wrote them; they are made safe where they are
drawn. Knows no network, no clock and no screen. What happens inside a room is
the business of `record`, `reading` and `people`, how rooms come and go that of
`rooms`.
"""

from collections.abc import Iterator

from chat_shared import messages as m
from chat_shared.mentions import mentioned
from chat_shared.names import fold
from chat_tui.model import members, read_state, timeline
from chat_tui.model.changes import (
    Audited,
    Change,
    Concerned,
    MembersChanged,
    Noticed,
    OutboxChanged,
    PasswordLost,
    RoomsChanged,
    TypingChanged,
)
from chat_tui.model.outbox import Outbox
from chat_tui.model.room import Room
from chat_tui.model.rooms import Rooms


class ChatState:
    """Everything that one account knows. Only the methods that return changes change it."""

    def __init__(self) -> None:
        self.account = ""
        self.away = ""  # why we are not here, if we said so
        self.rooms = Rooms()
        self.outbox = Outbox()
        self.heard_whole: set[str] = set()  # rooms of which everything concerns us, by choice
        self._asked_for: set[str] = set()  # rooms, folded: whether they were made is not known

    def seen(self) -> dict[str, int]:
        """Return what `resume` says: up to where each room is known."""
        return {room.name: room.last_seq for room in self.rooms.values()}

    def room_names(self) -> list[str]:
        """Return the rooms as they are listed."""
        return self.rooms.in_order()

    def find(self, name: str) -> Room | None:
        """Return the room of this name, however it is spelt."""
        return self.rooms.find(name)

    def people(self) -> list[str]:
        """Return who else is known: from the rooms that we are in, and those of two."""
        rooms = self.rooms.values()
        heard = {key: member.name for room in rooms for key, member in room.members.items()}
        heard |= {fold(room.peer): room.peer for room in rooms if room.peer}
        heard.pop(fold(self.account), None)
        return list(heard.values())

    def leave(self) -> None:
        """Forget everything: another server is gone to, where nothing of this is so."""
        self.account = self.away = ""
        self.rooms.clear()
        self.outbox.clear()
        self._asked_for.clear()

    def is_me(self, name: str) -> bool:
        return fold(name) == fold(self.account)

    def mentions_us(self, text: str) -> bool:
        """Say whether `text` calls us by name."""
        return bool(self.account) and fold(self.account) in mentioned(text)

    @property
    def unread(self) -> int:
        return sum(room.unread for room in self.rooms.values())

    @property
    def calls(self) -> int:
        """What is unread and means us, in all rooms."""
        return sum(room.calls for room in self.rooms.values())

    # --- what the person does

    def read(self, name: str) -> list[Change]:
        """Note that somebody has looked at the end of this room."""
        room = self.rooms.get(name)
        return [RoomsChanged()] if room is not None and read_state.read(room) else []

    def mark_unread(self, name: str, seq: int) -> list[Change]:
        """Let everything from `seq` on be unread again."""
        room = self.rooms.get(name)
        if room is None:
            return []
        read_state.mark_unread(room, seq, self.is_me, self.mentions_us)
        return [RoomsChanged()]

    # --- events

    def apply(self, event: m.Event) -> list[Change]:
        """Take in what happened. A message that is known already changes nothing."""
        match event:
            case m.Posted():
                return list(self._posted(event))
            case m.Entered():
                return list(self.rooms.entered(event, mine=self.is_me(event.name)))
            case m.Left():
                return list(self.rooms.left(event, mine=self.is_me(event.name)))
            case m.Notice():
                return [Noticed(event.text)]
        room = self.rooms.get(getattr(event, "room", ""))
        return list(self._happened(room, event)) if room is not None else []

    def _posted(self, event: m.Posted) -> Iterator[Change]:
        own = self.is_me(event.author)
        if event.nonce and own and self.outbox.said(event.nonce):
            yield OutboxChanged(event.room)
        room = self.rooms.get(event.room)
        if room is None or event.seq <= room.last_seq:
            return
        line = m.Line(event.seq, event.author, event.text, event.at, event.reply)
        called = not own and self.mentions_us(event.text)
        news = not own and event.seq > room.read_seq
        read_state.count(room, event.seq, own=own, called=called)
        yield RoomsChanged()
        yield from timeline.hear(room, line)
        yield from self._settle(room)
        if news and (called or room.peer or room.name in self.heard_whole):
            yield Concerned(room.name, line)

    def _settle(self, room: Room) -> Iterator[Change]:
        if self.outbox.said_up_to(room.name, room.last_seq):
            yield OutboxChanged(room.name)

    def _happened(self, room: Room, event: m.Event) -> Iterator[Change]:
        """Take in what happened in a room that we are in."""
        match event:
            case m.Edited() | m.Deleted() | m.Reacted() if event.seq > room.last_seq:
                if isinstance(event, m.Deleted):
                    yield from self._taken_back(room, event)
                yield from timeline.change(room, event, mine=self.is_me(event.author))
            case m.Gap() if event.before - 1 > room.last_seq:
                room.last_seq = event.before - 1
                yield RoomsChanged()
            case m.ReadTo():
                read_state.read_elsewhere(room, event)
                yield RoomsChanged()
            case m.Changed():
                room.topic, room.owner = event.topic, event.owner
                yield RoomsChanged()
            case m.Presence():
                yield from self._presence(room, event)
            case m.IsTyping() if not self.is_me(event.name):
                yield TypingChanged(room.name, event.name)
            case m.Audited():
                yield Audited(room.name, event.entry)

    def _taken_back(self, room: Room, event: m.Deleted) -> Iterator[Change]:
        """Count a message no more, if it is held: the server counts it no more either."""
        line = room.line(event.of)
        if line is not None and not (line.deleted or line.change or self.is_me(line.author)):
            called = self.mentions_us(line.text)
            if read_state.taken_back(room, line.seq, by=event.seq, called=called):
                yield RoomsChanged()

    def _presence(self, room: Room, event: m.Presence) -> Iterator[Change]:
        members.changed(room, event.members)
        self.rooms.note_presence(event.members)
        self._note_away(event.members)
        yield MembersChanged(room.name)

    def _note_away(self, members: list[m.Member]) -> None:
        """Another of our devices may have said that we are away, or back."""
        for member in members:
            if self.is_me(member.name):
                self.away = member.away

    # --- replies

    def answer(self, request: m.Request, reply: m.Reply | None) -> list[Change]:
        """Take in the reply to `request`; None where the line was lost before it came."""
        room = self.rooms.get(getattr(request, "room", ""))
        match request:
            case m.Post():
                return list(self._post_answered(request))
            case m.Create() if reply is None:
                self._creation_unanswered(request)
            case m.History() if room is not None:
                room.paging = False
                room.jump = room.jump if isinstance(reply, m.Page) else None
            case m.LookUp() if room is not None:
                return list(timeline.looked_up(room, request, reply))
            case m.Read() if room is not None:
                read_state.told(room, request, reply)
            case m.Away() if isinstance(reply, m.Ok):
                self.away = request.text
                return [RoomsChanged()]
        return list(self._replied(request, reply))

    def _replied(self, request: m.Request, reply: m.Reply | None) -> Iterator[Change]:
        match reply:
            case m.Welcome():
                yield from self._welcome(reply, resumed=isinstance(request, m.Resume))
            case m.Created():
                yield from self.rooms.created(reply, self.account)
            case m.Joined():
                yield from self.rooms.joined(reply)
            case m.Page() if isinstance(request, m.History):
                yield from self._page(request, reply)
            case m.MemberPage() if isinstance(request, m.Members):
                yield from self.rooms.members(reply, goes_on=bool(request.after))
            case m.Ok() if isinstance(request, m.Exit):
                yield from self.rooms.forget(request.room)

    def _creation_unanswered(self, request: m.Create) -> None:
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
        self.account, self.away = reply.account, reply.away
        yield from self.rooms.welcomed(reply, resumed=resumed)
        for info in reply.rooms:
            if fold(info.room) in self._asked_for and self.is_me(info.owner):
                yield PasswordLost(info.room)
        self._asked_for.clear()

    def _page(self, request: m.History, reply: m.Page) -> Iterator[Change]:
        room = self.rooms.get(reply.room)
        if room is not None:
            yield from timeline.page(room, request, reply)
            yield from self._settle(room)
