"""What is seen of the chat: the rooms, the open one with its messages, and the line being typed.

Reads the state and changes nothing in it but what was read. What is missing is
asked for by messages to the app; what changed comes down through `show`.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from chat_shared import messages as m
from chat_shared.limits import GENERAL
from chat_shared.text import clean
from chat_tui.address import Address, Place
from chat_tui.changes import Change, Noticed, OutboxChanged, RoomCame, RoomGone, StartedOver
from chat_tui.completion import Known
from chat_tui.drafts import Drafts
from chat_tui.keys import keys_of
from chat_tui.messages import Answered, AskRequested
from chat_tui.room import Room
from chat_tui.room_logs import RoomLogs
from chat_tui.slash import UNNUMBERED
from chat_tui.state import ChatState
from chat_tui.widgets.banner import Banner
from chat_tui.widgets.completions import Completions
from chat_tui.widgets.composer import Composer
from chat_tui.widgets.hint import Hint
from chat_tui.widgets.intent_line import IntentLine
from chat_tui.widgets.jump_pill import JumpPill
from chat_tui.widgets.member_list import MemberList
from chat_tui.widgets.message_log import MessageLog
from chat_tui.widgets.room_list import RoomEntry, RoomList
from chat_tui.widgets.room_title import RoomTitle
from chat_tui.widgets.status_line import StatusLine

# From this width of the log on, names stand in a column of their own.
_ALIGNED_FROM: Final = 72


class RoomView(Screen[None]):
    """One room at a time; the others wait with their drafts and their places."""

    AUTO_FOCUS = "#composer"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - Textual declares it for instances
        (0, "-narrow"),
        (80, "-normal"),
        (110, "-wide"),
    ]

    def __init__(
        self, state: ChatState, keys: Mapping[str, str], drafts: Drafts | None = None
    ) -> None:
        super().__init__()
        self._state = state
        self._logs = RoomLogs(state)
        self._current = ""
        self._place = Place(Address())
        self._drafts = drafts or Drafts()
        self._rooms = RoomList()
        self._title = RoomTitle()
        self._log = MessageLog(aligned_from=_ALIGNED_FROM, id="log")
        self._pill = JumpPill()
        self._banner = Banner(keys_of("line.retry", keys)[0])
        self._hint = Hint()
        self._composer = Composer(keys)
        self._composer.known = self._known
        self._completions = Completions()
        self._intent = IntentLine()
        self._members = MemberList()
        self._status = StatusLine(keys)

    def compose(self) -> ComposeResult:
        with Horizontal(id="main"):
            yield self._rooms
            with Vertical(id="view"):
                yield self._title
                with Vertical(id="reading"):
                    yield self._log
                    yield self._pill
                yield self._banner
                yield self._hint
                yield self._completions
                yield self._intent
                yield self._composer
            yield self._members
        yield self._status

    def on_mount(self) -> None:
        self.watch(self.app, "app_focus", self._note_reading, init=False)
        self.open_room(GENERAL)

    # --- for the app: what changed

    def show(self, changes: Iterable[Change]) -> None:
        """Draw what changed, all at once."""
        gone = False
        for change in changes:
            self._logs.apply(change)
            gone = self._take_in(change) or gone
        if gone:
            self._current = ""
            self.open_room(GENERAL)
        self._catch_up()
        self._draw_rooms()
        # A log that is not full yet does not draw by itself what comes below its last row.
        self._log.refresh()

    def _take_in(self, change: Change) -> bool:
        """Do what a change means besides its rows; say whether the open room is gone."""
        match change:
            case StartedOver(self._current):
                self._log.show(self._logs.log(self._room()))
            case RoomCame(room):
                self._ask(m.Join(id=UNNUMBERED, room=room))
            case RoomGone(room):
                self._logs.forget(room)
                self._drafts.put(room, "")
                return room == self._current
            case Noticed(text):
                self.notify(clean(text), title="From the server", timeout=15, markup=False)
        return False

    def line_lost(self, reason: str, wait: float, attempt: int) -> None:
        self._status.online = False
        self._banner.line_lost(reason, wait, attempt)
        self.show([OutboxChanged(room) for room in self._state.rooms])

    def connecting(self) -> None:
        self._banner.connecting()

    def line_back(self, place: Place) -> None:
        self._place = place
        self._banner.line_back()
        self._status.server = "this computer" if place.address.path else str(place.address)
        self._status.account = self._state.account
        self._status.online = True
        self._members.own = self._state.account
        self._ask_for_members()
        self.show([OutboxChanged(room) for room in self._state.rooms])

    def latency(self, seconds: float) -> None:
        """Show how long the line takes; and as often as that is known, who is here."""
        self._status.latency = seconds
        self._ask_for_members()

    # --- rooms

    def open_room(self, name: str) -> None:
        """Show a room where its reader left it, or at its newest messages."""
        room = self._state.rooms.get(name)
        if room is None or name == self._current:
            self._composer.focus()
            return
        self._keep_draft()
        self._composer.mean_nothing()
        self._current = name
        self._logs.draw_unread_line(room)
        self._log.show(self._logs.log(room))
        self._composer.room = name
        self._composer.put(self._drafts.get(name))
        self._composer.focus()
        self._hint.clear()
        self.remove_class("-show-rooms")
        self._ask_for_members()
        self.show([])

    def _keep_draft(self) -> None:
        """Keep what is being written in the open room, for when one comes back."""
        if self._current in self._state.rooms:
            self._drafts.put(self._current, self._composer.draft)
            self._drafts.keep()

    def _known(self) -> Known:
        """Return what can be named in what is typed."""
        room = self._state.rooms.get(self._current)
        members = room.members.values() if room is not None else ()
        return Known([member.name for member in members], self._state.room_names())

    def _room(self) -> Room:
        return self._state.rooms[self._current]

    def _catch_up(self) -> None:
        """Get what is missing at the end of the open room, and note what was read."""
        room = self._state.rooms.get(self._current)
        if room is None or not self._logs.log(room).follow:
            return
        if room.reaches_the_end and room.forget_oldest():
            self.show([StartedOver(room.name)])
        self._page(room.newest())
        self._note_reading()

    def _note_reading(self) -> None:
        room = self._state.rooms.get(self._current)
        if room is None or not self.app.app_focus:
            return
        seen = self._logs.log(room).follow and room.reaches_the_end
        if seen and self._state.read(room.name):
            self._draw_rooms()

    def _draw_rooms(self) -> None:
        room = self._state.rooms.get(self._current)
        entries = self._entries()
        self._rooms.rooms = entries
        self._rooms.current = self._current
        self._status.unread = sum(e.unread for e in entries if e.name != self._current)
        if room is not None:
            self._title.room, self._title.topic = room.name, room.topic
            self._title.members = len(room.members)
            self._title.elsewhere = self._elsewhere(entries)
            self._members.members = tuple(room.members.values())
            self._pill.new_below = self._below(room)

    def _entries(self) -> tuple[RoomEntry, ...]:
        rooms = (self._state.rooms[name] for name in self._state.room_names())
        return tuple(RoomEntry(room.name, room.unread, room.mentions) for room in rooms)

    def _elsewhere(self, entries: tuple[RoomEntry, ...]) -> str:
        """Return what is unread in other rooms, where their list is not there to show it."""
        others = [entry for entry in entries if entry.unread and entry.name != self._current]
        if self._rooms.display or not others:
            return ""
        call = "@" if any(entry.mentions for entry in others) else ""
        return f"{call}{sum(entry.unread for entry in others):,}"

    def _below(self, room: Room) -> int:
        """Return how many messages stand below what the reader sees: drawn, or only counted."""
        return self._logs.log(room).new_below + max(0, room.last_seq - room.held_to)

    # --- asking the server

    def _ask(self, request: m.Request) -> None:
        self.post_message(AskRequested(request))

    def _page(self, request: m.History | None) -> None:
        if request is not None:
            self._ask(request)

    def _ask_for_members(self) -> None:
        if self._current in self._state.rooms:
            self._ask(m.Members(id=UNNUMBERED, room=self._current))

    def on_answered(self, event: Answered) -> None:
        """Go on where an answer is only a part, and say what was refused."""
        match event.request, event.reply:
            case _, (m.MemberPage() | m.Joined()) as reply if reply.more and reply.members:
                last = reply.members[-1].name
                self._ask(m.Members(id=UNNUMBERED, room=reply.room, after=last))
            case m.History(room=room), None | m.Error():
                self._logs.page_failed(room)

    # --- what the widgets say

    def on_message_log_older_wanted(self, event: MessageLog.OlderWanted) -> None:
        room = self._state.rooms.get(self._current)
        if room is None or event.model is not self._logs.log(room):
            return
        request = room.older()
        if request is not None:
            self._ask(request)
        else:
            self._logs.page_failed(room.name)

    def on_message_log_follow_changed(self, event: MessageLog.FollowChanged) -> None:
        room = self._state.rooms.get(self._current)
        self._pill.following = event.following
        if room is not None:
            self._pill.new_below = self._below(room)
        if event.following:
            self._catch_up()
