"""The client's state: its account, its rooms, and its unsent messages.

Pure: events and replies go in, changes come out, and the front end shows those. Names
are kept as the server wrote them and made safe where they are displayed. Knows no
network, no clock and no screen. What happens inside a room is up to `timeline`,
`read_state` and `members`, how rooms are added and removed to `rooms`.
"""

from collections.abc import Iterable, Iterator

from chat_shared import messages as m
from chat_shared.limits import GENERAL
from chat_shared.mentions import places
from chat_shared.names import fold, is_direct
from chat_tui.model import members, memory, muting, read_state, timeline
from chat_tui.model.changes import (
    Audited,
    AuditLoaded,
    Change,
    HistoryLost,
    LoadingEnded,
    MembersChanged,
    Noticed,
    NotificationDue,
    OutboxChanged,
    PasswordLost,
    RoomsChanged,
    TypingChanged,
)
from chat_tui.model.outbox import Outbox
from chat_tui.model.room import Room
from chat_tui.model.rooms import Rooms


class ChatState:
    """The state of one account. Only methods that return changes modify it."""

    def __init__(self) -> None:
        self.account = ""
        self.away = ""  # our away message, empty if we are not away
        self.max_file = 0  # bytes of a file that the server takes; 0 if it takes none
        self.guest_until = ""  # when our account ends, if we are a guest
        self.rooms = Rooms()
        self.outbox = Outbox()
        self.notify_all: set[str] = set()  # rooms in which every message notifies us
        self.open_room = ""  # the one being read, whose messages stay in memory
        self._arrived = 0  # messages since it was last looked how many are in memory
        self._maybe_created: set[str] = set()  # folded names; the reply to `create` was lost

    @property
    def home(self) -> str:
        """The room to open where no other is meant: general, or the one that a guest is in."""
        return GENERAL if GENERAL in self.rooms else next(iter(self.room_names()), GENERAL)

    def room_names(self) -> list[str]:
        """Return the names of the rooms in display order."""
        return self.rooms.in_order()

    def find(self, name: str) -> Room | None:
        """Return the room of this name, in any case, or the direct message with that person."""
        return self.rooms.find(name)

    def known_people(self) -> list[str]:
        """Return those in our rooms who may get direct messages from us: no guest has any."""
        if self.guest_until:
            return []
        rooms = self.rooms.values()
        members = (member for room in rooms for member in room.members.items())
        names = {key: member.name for key, member in members if not member.guest}
        names |= {fold(room.peer): room.peer for room in rooms if room.peer}
        names.pop(fold(self.account), None)
        return list(names.values())

    def leave(self) -> None:
        """Forget everything, before connecting to another server."""
        self.account = self.away = self.guest_until = ""
        self.rooms.forget_all()
        self.outbox.clear()
        self.notify_all.clear()
        self._maybe_created.clear()

    def is_me(self, name: str) -> bool:
        return fold(name) == fold(self.account)

    def mentions_us(self, line: m.Line) -> bool:
        """Return whether a message mentions us: the server decides, when it is posted."""
        if line.mentions is not None:
            return any(self.is_me(name) for name in line.mentions)
        # A server of an older version says nothing, and an edit mentions nobody.
        return bool(self.account) and not line.edited and bool(places(line.text, self.account))

    @property
    def unread(self) -> int:
        return sum(room.unread for room in self.rooms.values())

    @property
    def addressed(self) -> int:
        """The unread messages addressed to us, in all rooms."""
        return sum(room.addressed for room in self.rooms.values())

    # --- actions of the user

    def read(self, name: str) -> list[Change]:
        """Mark this room as read to its end."""
        room = self.rooms.get(name)
        return [RoomsChanged()] if room is not None and read_state.read(room) else []

    def mark_unread(self, name: str, seq: int) -> list[Change]:
        """Mark everything from `seq` on as unread."""
        room = self.rooms.get(name)
        if room is None:
            return []
        read_state.mark_unread(room, seq, self.is_me, self.mentions_us)
        return [RoomsChanged()]

    # --- events

    def apply(self, event: m.Event) -> list[Change]:
        """Apply an event. A message that is known already changes nothing."""
        if isinstance(event, m.Posted | m.Change | m.Gap | m.Restored):
            self.outbox.trust(event.room)  # what `resume` compared is the same, or `Restored` came
        match event:
            case m.Posted():
                return list(self._posted(event))
            case m.Entered():
                mine = self.is_me(event.name)
                if mine and event.room == GENERAL:  # where no guest is
                    self.guest_until = ""
                return list(self.rooms.someone_joined(event, mine=mine))
            case m.Left():
                return list(self.rooms.someone_left(event, mine=self.is_me(event.name)))
            case m.Restored():
                return list(self._with_outbox(self.rooms.restored(event)))
            case m.Notice():
                return [Noticed(event.text)]
        room = self.rooms.get(getattr(event, "room", ""))
        if room is None:
            return []
        muting.apply(room, event, self.is_me)
        return list(self._room_event(room, event))

    def _posted(self, event: m.Posted) -> Iterator[Change]:
        own = self.is_me(event.author)
        if event.nonce and own and self.outbox.delivered(event.nonce):
            yield OutboxChanged(event.room)
        room = self.rooms.get(event.room)
        if room is None or event.seq <= room.last_seq:
            return
        if is_direct(room.name) and not own:
            room.peer = event.author  # the first message of a new one comes before its description
        line = m.Line(
            *(event.seq, event.author, event.text, event.at, event.reply),
            mentions=event.mentions,
            guest=event.guest,
            files=event.files,
        )
        self._arrived += 1
        is_mention = not own and self.mentions_us(line)
        is_new = not own and event.seq > room.read_seq
        read_state.count(room, event.seq, own=own, mentioned=is_mention)
        yield RoomsChanged()
        yield from timeline.receive(room, line)
        yield from self._settle(room)
        yield from self._shrink()
        if is_new and (is_mention or room.peer or room.name in self.notify_all):
            yield NotificationDue(room.name, line)

    def _settle(self, room: Room) -> Iterator[Change]:
        if self.outbox.delivered_up_to(room.name, room.last_seq):
            yield OutboxChanged(room.name)

    def _shrink(self) -> Iterator[Change]:
        if self._arrived >= memory.CHECKED_EVERY:
            self._arrived = 0
            yield from memory.shrink(self.rooms, self.open_room)

    def _with_outbox(self, changes: Iterable[Change]) -> Iterator[Change]:
        """Yield `changes`, with what a lost history means for the outbox."""
        for change in changes:
            yield change
            if isinstance(change, HistoryLost) and self.outbox.history_lost(change.room):
                yield OutboxChanged(change.room)

    def _room_event(self, room: Room, event: m.Event) -> Iterator[Change]:
        """Apply an event of a room that we are in."""
        match event:
            case m.Edited() | m.Deleted() | m.Reacted() if event.seq > room.last_seq:
                if isinstance(event, m.Deleted):
                    yield from self._uncount(room, event)
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
                yield from self._audited(room, event.entry)

    def _audited(self, room: Room, entry: m.AuditEntry) -> Iterator[Change]:
        room.audit.receive(entry)
        if entry.action == "keep":
            members.kept(room, entry.by)
            yield MembersChanged(room.name)
        yield Audited(room.name, entry)

    def _uncount(self, room: Room, event: m.Deleted) -> Iterator[Change]:
        """Uncount a deleted message if it is loaded, as the server does."""
        line = room.line(event.of)
        if line is not None and not (line.deleted or line.change or self.is_me(line.author)):
            is_mention = self.mentions_us(line)
            if read_state.uncount(room, line.seq, by=event.seq, mentioned=is_mention):
                yield RoomsChanged()

    def _presence(self, room: Room, event: m.Presence) -> Iterator[Change]:
        members.changed(room, event.members)
        self.rooms.note_presence(event.members)
        self._note_away(event.members)
        yield MembersChanged(room.name)

    def _note_away(self, members: list[m.Member]) -> None:
        """Another of our devices may have set or cleared our away message."""
        for member in members:
            if self.is_me(member.name):
                self.away = member.away

    # --- replies

    def answer(self, request: m.Request, reply: m.Reply | None) -> list[Change]:
        """Apply the reply to `request`; None if the connection was lost before it came."""
        room = self.rooms.get(getattr(request, "room", ""))
        if room is not None and isinstance(reply, m.Error):
            muting.refused(room, reply)
        match request:
            case m.Post():
                return list(self._post_answered(request))
            case m.Create() if reply is None:
                self._creation_unanswered(request)
            case m.History() if room is not None:
                return list(self._history_answered(room, request, reply))
            case m.LookUp() if room is not None:
                return list(timeline.looked_up(room, request, reply))
            case m.Audit() if room is not None:
                return [AuditLoaded(room.name)] if room.audit.answered(request, reply) else []
            case m.Read() if room is not None:
                read_state.reported(room, request, reply)
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
            case m.MemberPage() if isinstance(request, m.Members):
                yield from self.rooms.members(reply, goes_on=bool(request.after))
            case m.Ok() if isinstance(request, m.Exit):
                yield from self.rooms.forget(request.room)

    def _history_answered(
        self, room: Room, request: m.History, reply: m.Reply | None
    ) -> Iterator[Change]:
        """Apply a page; say where the server stops sending what it has."""
        before = room.first_held, room.held_to, room.more_before
        room.paging = False
        room.jump = room.jump if isinstance(reply, m.Page) else None
        if isinstance(reply, m.Page) and reply.room == room.name:
            self._arrived += len(reply.messages)
            yield from timeline.page(room, request, reply)
            yield from self._shrink()
            yield from self._settle(room)
        brought = before != (room.first_held, room.held_to, room.more_before)
        if brought:
            room.idle_pages = 0
        wished = not room.idle_pages and (request.before == before[0] or request.after == before[1])
        useless = wished and isinstance(reply, m.Page) and not brought
        if reply is not None and (useless or room.loads_no_further):
            yield LoadingEnded(room.name)

    def _creation_unanswered(self, request: m.Create) -> None:
        known = self.find(request.room)
        if known is None or not self.is_me(known.owner):  # a room we own already cannot be meant
            self._maybe_created.add(fold(request.room))

    def _post_answered(self, request: m.Post) -> Iterator[Change]:
        if room := self.rooms.get(request.room):
            self.outbox.delivered_up_to(room.name, room.last_seq)
        yield OutboxChanged(request.room)

    def _welcome(self, reply: m.Welcome, *, resumed: bool) -> Iterator[Change]:
        if fold(reply.account) != fold(self.account):
            self.leave()
        self.account, self.away = reply.account, reply.away
        self.guest_until = reply.guest_until
        self.outbox.doubt(self.rooms.behind(reply) if resumed else ())
        yield from self._with_outbox(self.rooms.welcomed(reply, resumed=resumed))
        for info in reply.rooms:
            if fold(info.room) in self._maybe_created and self.is_me(info.owner):
                yield PasswordLost(info.room)
        self._maybe_created.clear()
