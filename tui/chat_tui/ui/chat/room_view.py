"""What is seen of the chat: the rooms, the open one with its messages, and the line being typed.

Reads the state and changes nothing in it. What is missing is asked for by
messages to the app; what changed comes down through `show`. Next door, `reader`
notes what was read, `jumps` goes to places and `attention` knows who is here.
"""

from collections.abc import Iterable, Mapping
from typing import Final, cast

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from chat_shared import messages as m
from chat_shared.limits import GENERAL
from chat_shared.text import clean
from chat_tui.commands.keys import keys_of
from chat_tui.commands.membership_text import removed
from chat_tui.commands.replies import OFFLINE
from chat_tui.markup.unread_badge import unread_badge
from chat_tui.model.address import Address, Place
from chat_tui.model.changes import (
    Change,
    Noticed,
    OutboxChanged,
    PasswordLost,
    Prepended,
    RoomAdded,
    RoomRemoved,
    StartedOver,
)
from chat_tui.model.room import Room
from chat_tui.model.state import ChatState
from chat_tui.storage.drafts import Drafts
from chat_tui.ui.chat.asking import Server
from chat_tui.ui.chat.room_entries import room_entries
from chat_tui.ui.log.message_log import MessageLog
from chat_tui.ui.log.room_logs import RoomLogs
from chat_tui.ui.widgets.banner import Banner
from chat_tui.ui.widgets.completions import Completions
from chat_tui.ui.widgets.composer import Composer
from chat_tui.ui.widgets.empty_room import Beginning
from chat_tui.ui.widgets.hint import Hint
from chat_tui.ui.widgets.intent_line import IntentLine
from chat_tui.ui.widgets.jump_pill import JumpPill
from chat_tui.ui.widgets.member_list import MemberList
from chat_tui.ui.widgets.room_list import RoomEntry, RoomList
from chat_tui.ui.widgets.room_title import RoomTitle
from chat_tui.ui.widgets.status_line import StatusLine

# From this width of the log on, names stand in a column of their own.
_ALIGNED_FROM: Final = 60

_MADE_AND_LOST: Final = (
    "{} was made, but the line was lost before its password came, and it is told only once. "
    "Nobody can join you there: exit it, and create a room with another name."
)


class RoomView(Screen[None]):
    """One room at a time; the others wait with their drafts and their places."""

    AUTO_FOCUS = "#composer"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - Textual declares it for instances
        (0, "-narrow"),
        (80, "-normal"),
        (110, "-wide"),
    ]

    def __init__(self, state: ChatState, keys: Mapping[str, str]) -> None:
        super().__init__()
        self._state = state
        self._logs = RoomLogs(state)
        self._current = ""
        self._place = Place(Address())
        self._drafts = Drafts()
        self._visited: list[str] = []  # rooms, the latest last
        self._rooms = RoomList()
        self._title = RoomTitle()
        self._log = MessageLog(keys=keys, aligned_from=_ALIGNED_FROM, id="log")
        self._pill = JumpPill()
        self._beginning = Beginning(keys)
        self._banner = Banner(keys_of("line.retry", keys)[0])
        self._hint = Hint()
        self._composer = Composer(keys)
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
                    yield self._beginning
                yield self._banner
                yield self._hint
                yield self._completions
                yield self._intent
                yield self._composer
            yield self._members
        yield self._status

    def on_mount(self) -> None:
        self.open_room(GENERAL)

    def keep_drafts_in(self, drafts: Drafts) -> None:
        """Go on with what was being written, and keep it there from now on."""
        self._drafts = drafts

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

    def _take_in(self, change: Change) -> bool:
        """Do what a change means besides its rows; say whether the open room is gone."""
        match change:
            case StartedOver(self._current):
                self._log.show(self._logs.log(self._room()))
            case RoomAdded(room):
                self._ask(m.Join(id=m.UNNUMBERED, room=room))
            case Prepended(self._current, lines) if not lines:
                self.load(self._room().older())  # a page of changes shows nothing
            case RoomRemoved(room):
                self._logs.forget(room)
                self._say_who_ended_it(change)
                return room == self._current
            case PasswordLost(room):
                self.notify(clean(_MADE_AND_LOST.format(room)), timeout=20, markup=False)
            case Noticed(text):
                self.notify(clean(text), title="From the server", timeout=15, markup=False)
        return False

    def _say_who_ended_it(self, gone: RoomRemoved) -> None:
        by = "" if self._state.is_me(gone.by) else gone.by
        if by or gone.reason:
            self._tell_end(gone.room, removed(gone.title, by, gone.reason))

    def _tell_end(self, room: str, sentence: str) -> None:
        """Say that somebody else put an end to our being in `room`."""
        self.notify(clean(sentence), severity="warning", timeout=15, markup=False)

    def connection_lost(self, reason: str, wait: float, attempt: int) -> None:
        self._status.online = False
        self._banner.connection_lost(reason, wait, attempt)
        self.show([OutboxChanged(room) for room in self._state.rooms])

    def connecting(self) -> None:
        self._banner.connecting()

    def connected(self, place: Place) -> None:
        self._place = place
        self._banner.connected()
        self._status.server = "this computer" if place.address.path else str(place.address)
        self._status.account = self._state.account
        self._status.online = True
        self._members.own = self._state.account
        self._look_at_room()
        self.show([OutboxChanged(room) for room in self._state.rooms])

    def latency(self, seconds: float) -> None:
        """Show how long the line takes."""
        self._status.latency = seconds

    # --- rooms

    def open_room(self, name: str) -> None:
        """Show a room where its reader left it, or at its newest messages."""
        room = self._state.rooms.get(name)
        if room is None or name == self._current:
            self.set_focus(self._composer)
            return
        self._keep_draft()
        self._current = name
        self._visited = [*(other for other in self._visited if other != name), name]
        self._logs.draw_unread_line(room)
        self._log.show(self._logs.log(room))
        self._composer.room = room.title
        self._composer.take_up(self._drafts.get(name))
        self.set_focus(self._composer)
        self._hint.clear()
        self.remove_class("-show-rooms")
        self._look_at_room()
        self.show([])

    def _keep_draft(self) -> None:
        """Keep what is being written in the open room, for when one comes back."""
        if self._current in self._state.rooms:
            self._drafts.put(self._current, self._composer.unfinished)
            self._drafts.keep()

    def _room(self) -> Room:
        return self._state.rooms[self._current]

    def _catch_up(self) -> None:
        """Get what is missing at the end of the open room, and what its replies quote."""
        room = self._state.rooms.get(self._current)
        if room is None:
            return
        room.want_quotes(unsent.reply for unsent in self._state.outbox.of(room.name))
        self._ask_if_any(room.look_up())
        if not self._logs.log(room).follow:
            return
        if room.reaches_the_end and room.forget_oldest():
            self.show([StartedOver(room.name)])
        self.load(room.newest())

    def _draw_rooms(self) -> None:
        room = self._state.rooms.get(self._current)
        entries = self._entries()
        self._rooms.rooms = entries
        self._rooms.current = self._current
        self._status.unread, self._status.mentions = self._state.unread, self._state.addressed
        self._status.can_leave = self._current != GENERAL
        if room is not None:
            self._title.room, self._title.topic = room.title, room.topic
            self._title.direct = bool(room.peer)
            self._title.elsewhere = self._elsewhere(entries)
            self._title.members = self._members.members = tuple(room.members.values())
            self._members.owner = room.owner
            self._pill.new_below = self._below(room)
            self._beginning.tell_of(room, own=self._state.is_me(room.owner))

    def _entries(self) -> tuple[RoomEntry, ...]:
        return tuple(room_entries(self._state))

    def _elsewhere(self, entries: tuple[RoomEntry, ...]) -> str:
        """Return what is unread in other rooms, where their list is not there to show it."""
        others = [entry for entry in entries if entry.name != self._current]
        if self._rooms.display:
            return ""
        return unread_badge(
            sum(entry.unread for entry in others), sum(entry.mentions for entry in others)
        )

    def _below(self, room: Room) -> int:
        """Return how many messages stand below what the reader sees: drawn, or only counted."""
        not_held = max(0, room.last_seq - room.held_to)
        return self._logs.log(room).new_below + min(room.unread, not_held)

    # --- asking the server

    async def ask(self, request: m.Request) -> m.Reply | None:
        """Return the server's reply; None if the connection was lost before it came."""
        reply = await cast("Server", self.app).ask(request)
        if isinstance(reply, m.MemberPage | m.Joined):
            self._ask_if_any(next_members(reply))
        return reply

    def _ask(self, request: m.Request) -> None:
        """Ask without waiting for the reply; the state takes in what it says."""
        self.run_worker(self.ask(request))

    def _ask_if_any(self, request: m.Request | None) -> None:
        if request is not None:
            self._ask(request)

    def _look_at_room(self) -> None:
        """Hear who comes online and who types in the open room; the answer says who is in it."""
        if self._current in self._state.rooms:
            self._ask(m.Watch(id=m.UNNUMBERED, room=self._current))

    def submit_request(self, request: m.Request) -> None:
        """Send a request and show what became of it."""
        raise NotImplementedError

    def load(self, request: m.History | None) -> None:
        """Load a page of messages, if there is one to load."""
        if request is not None:
            self.run_worker(self.load_page(request))

    async def load_page(self, request: m.History) -> str:
        """Load a page of messages; return why that failed, or an empty string."""
        match await self.ask(request):
            case m.Page():
                return ""
            case m.Error(message=sentence):
                failure = sentence
            case _:
                failure = OFFLINE
        self._logs.page_failed(request.room)
        return failure

    # --- what the widgets say

    def on_message_log_older_wanted(self, event: MessageLog.OlderWanted) -> None:
        room = self._state.rooms.get(self._current)
        if room is None or event.model is not self._logs.log(room):
            return
        request = room.older()
        if request is not None:
            self.load(request)
        else:
            self._logs.page_failed(room.name)

    def on_message_log_follow_changed(self, event: MessageLog.FollowChanged) -> None:
        room = self._state.rooms.get(self._current)
        self._pill.following = event.following
        if room is not None:
            self._pill.new_below = self._below(room)
        if event.following:
            self._catch_up()


def next_members(reply: m.MemberPage | m.Joined) -> m.Members | None:
    """Return the request for the members behind those of `reply`, if there are more."""
    if not reply.more or not reply.members:
        return None
    return m.Members(id=m.UNNUMBERED, room=reply.room, after=reply.members[-1].name)
