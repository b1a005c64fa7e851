"""The chat as it is displayed: the rooms, the open one with its messages, and the composer.

Draws what the state holds and changes nothing in it. Does not know what keys and
commands do: that is up to the controllers, which work on this view.
"""

from collections.abc import Coroutine, Iterable, Mapping
from typing import Final

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.geometry import Offset
from textual.screen import Screen
from textual.widget import Widget

from chat_shared.limits import GENERAL
from chat_tui.commands.keys import keys_of
from chat_tui.commands.parsed_input import ParsedInput
from chat_tui.markup.unread_badge import unread_badge
from chat_tui.model.address import Address, Place
from chat_tui.model.changes import Change
from chat_tui.model.draft import Intent
from chat_tui.model.premises import OWN_COMPUTER, Premises
from chat_tui.model.room import Room
from chat_tui.model.state import ChatState
from chat_tui.terminal.textual_internals import is_selecting_from
from chat_tui.ui.chat.actions import Actions, no_argument
from chat_tui.ui.chat.dragging import clamp
from chat_tui.ui.chat.room_entries import room_entries
from chat_tui.ui.log.message_log import MessageLog
from chat_tui.ui.log.room_logs import RoomLogs
from chat_tui.ui.widgets.banner import Banner
from chat_tui.ui.widgets.completions import Completions
from chat_tui.ui.widgets.composer import Composer
from chat_tui.ui.widgets.empty_room import Beginning
from chat_tui.ui.widgets.guest_line import GuestLine
from chat_tui.ui.widgets.hint import Hint
from chat_tui.ui.widgets.intent_line import IntentLine
from chat_tui.ui.widgets.jump_pill import JumpPill
from chat_tui.ui.widgets.member_list import MemberList
from chat_tui.ui.widgets.muted_line import MutedLine
from chat_tui.ui.widgets.room_list import RoomEntry, RoomList
from chat_tui.ui.widgets.room_title import RoomTitle
from chat_tui.ui.widgets.status_line import StatusLine
from chat_tui.ui.widgets.transfer_lines import TransferLines

# From this width of the log on, names stand in a column of their own.
_ALIGNED_FROM: Final = 60


class RoomView(Screen[None]):
    """The widgets of one open room, and what controllers may do with them."""

    AUTO_FOCUS = "#composer"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - Textual declares it for instances
        (0, "-narrow"),
        (80, "-normal"),
        (110, "-wide"),
    ]

    def __init__(
        self, state: ChatState, keys: Mapping[str, str], premises: Premises = OWN_COMPUTER
    ) -> None:
        super().__init__()
        self.state = state
        self.premises = premises
        self.logs = RoomLogs(state)
        self.current = ""  # the name of the open room; empty between two rooms
        self.place = Place(Address())
        self.room_list = RoomList()
        self.room_title = RoomTitle()
        self.message_log = MessageLog(keys=keys, aligned_from=_ALIGNED_FROM, id="log")
        self.pill = JumpPill()
        self.beginning = Beginning(keys)
        self.banner = Banner(keys_of("line.retry", keys)[0])
        self.hint = Hint()
        self.transfer_lines = TransferLines()
        self.composer = Composer(keys, self.submit)
        self.completions = Completions()
        self.intent_line = IntentLine()
        self.muted_line = MutedLine()
        self.guest_line = GuestLine()
        self.member_list = MemberList(costs_others=not premises.animates)
        self.status_line = StatusLine(keys)

    def compose(self) -> ComposeResult:
        with Horizontal(id="main"):
            yield self.room_list
            with Vertical(id="view"):
                yield self.room_title
                with Vertical(id="reading"):
                    yield self.message_log
                    yield self.pill
                    yield self.beginning
                yield self.banner
                yield self.transfer_lines
                yield self.hint
                yield self.completions
                yield self.intent_line
                yield self.muted_line
                yield self.guest_line
                yield self.composer
            yield self.member_list
        yield self.status_line

    # --- for controllers

    @property
    def room(self) -> Room | None:
        """The open room, if there is one at this moment."""
        return self.state.rooms.get(self.current)

    def current_room(self) -> Room:
        """Return the open room, which a key or a command needs; an empty one if it is gone.

        It is for a moment, between a kick and the next room; and it stays so on a server
        that takes `general` away as well.
        """
        return self.room or Room(self.current)

    def open_room(self, name: str) -> None:
        """Display a room where its reader left it, or at its newest messages."""
        raise NotImplementedError

    def show(self, changes: Iterable[Change]) -> None:
        """Draw what changed, all at once."""
        raise NotImplementedError

    def go_to_newest(self) -> None:
        """Scroll to the newest message, which may have to be loaded."""
        raise NotImplementedError

    def submit(self, meaning: ParsedInput, intent: Intent | None = None) -> None:
        """Do what a typed line means; `intent` is what a message replies to or edits."""
        raise NotImplementedError

    def start(self, coroutine: Coroutine[object, object, object]) -> None:
        """Run `coroutine`, at most as long as the screen exists."""
        self.run_worker(coroutine)

    def focus_composer(self) -> None:
        """Let the next key be typed, whatever had the focus."""
        self.remove_class("-show-rooms")
        if self.has_class("-narrow"):  # where the members cover the log
            self.remove_class("-show-members")
        self.set_focus(self.composer)

    # --- the connection

    def show_lost(self, reason: str, wait: float, attempt: int) -> None:
        self.status_line.online = False
        self.banner.connection_lost(reason, wait, attempt)

    def connecting(self) -> None:
        self.banner.connecting()

    def show_connected(self, place: Place) -> None:
        self.place = place
        self.banner.connected()
        self.status_line.server = place.shown
        self.status_line.account = self.state.account
        self.status_line.online = True
        self.member_list.own = self.state.account
        self.member_list.expect_others()

    def latency(self, seconds: float) -> None:
        """Show how long a round trip to the server takes."""
        self.status_line.latency = seconds

    # --- rooms

    def display_room(self, room: Room) -> None:
        """Point the widgets at `room`; the composer is filled by who keeps the drafts."""
        self.logs.draw_unread_line(room)
        self.message_log.show(self.logs.log(room))
        self.member_list.expect_others()
        self.composer.room = room.title
        self.hint.clear()
        self.focus_composer()

    def draw_rooms(self) -> None:
        """Draw everything around the log and the composer."""
        entries = self.entries()
        self.room_list.rooms = entries
        self.room_list.current = self.current
        self.status_line.unread = self.state.unread
        self.status_line.mentions = self.state.addressed
        self.status_line.away = self.state.away
        self.status_line.is_guest = bool(self.state.guest_until)
        self.guest_line.until = self.state.guest_until
        self.status_line.can_leave = self.current != GENERAL
        if self.room is not None:
            self._draw_room(self.room, entries)

    def _draw_room(self, room: Room, entries: tuple[RoomEntry, ...]) -> None:
        title = self.room_title
        title.room, title.topic, title.direct = room.title, room.topic, bool(room.peer)
        title.elsewhere = self._unread_elsewhere(entries)
        title.members = tuple(room.members.values())
        self.member_list.members = dict(room.members)  # which goes on changing
        self.member_list.owner = room.owner
        self.room_title.online = self.member_list.online = self.status_line.online
        self.pill.new_below = self._count_below(room)
        unsent = bool(self.state.outbox.of(room.name))
        self.beginning.tell_of(room, own=self.state.is_me(room.owner), unsent=unsent)

    def draw_pill(self, *, following: bool) -> None:
        self.pill.following = following
        if self.room is not None:
            self.pill.new_below = self._count_below(self.room)

    def entries(self) -> tuple[RoomEntry, ...]:
        return tuple(room_entries(self.state))

    def _unread_elsewhere(self, entries: tuple[RoomEntry, ...]) -> str:
        """Return the unread badge of the other rooms, unless their list shows it."""
        if self.room_list.display:
            return ""
        others = [entry for entry in entries if entry.name != self.current]
        return unread_badge(
            sum(entry.unread for entry in others), sum(entry.mentions for entry in others)
        )

    def _count_below(self, room: Room) -> int:
        """Return how many messages stand below what the reader sees: drawn, or only counted."""
        not_held = max(0, room.last_seq - room.held_to)
        return self.logs.log(room).new_below + min(room.unread, not_held)

    # --- actions

    def actions(self) -> Actions:
        log = self.message_log
        return {
            "rooms.toggle": no_argument(self.toggle_rooms),
            "members.toggle": no_argument(self.toggle_members),
            "log.page_up": no_argument(log.page_up),
            "log.page_down": no_argument(log.page_down),
            "log.line_up": no_argument(log.line_up),
            "log.line_down": no_argument(log.line_down),
            "log.end": no_argument(self.go_to_newest),
            "line.retry": lambda _: self.run_app_action("retry"),
            "quit": lambda _: self.run_app_action("quit"),
        }

    def run_app_action(self, action: str) -> None:
        self.start(self.app.run_action(action))

    def toggle_rooms(self) -> None:
        self._toggle("rooms", shown=self.room_list.display)
        if self.room_list.display:
            self.room_list.focus()

    def toggle_members(self) -> None:
        self._toggle("members", shown=self.member_list.display)
        if self.member_list.display:
            self.member_list.focus()

    def _toggle(self, panel: str, *, shown: bool) -> None:
        self.set_class(shown, f"-hide-{panel}")
        self.set_class(not shown, f"-show-{panel}")

    # --- the mouse

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        if is_selecting_from(self, self.message_log):
            x, y = clamp(x, y, self.message_log.scrollable_content_region)
        return super().get_widget_and_offset_at(x, y)
