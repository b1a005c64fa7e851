"""What passes between people besides messages: who is here, who types, who is wanted where.

Tells the terminal what it shows outside of the screen: its title, and that
there is something to look at for somebody who looks elsewhere.
"""

import os
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final, cast

from textual import on
from textual.widgets import TextArea

from chat_shared import messages as m
from chat_shared.limits import TYPING_LASTS, TYPING_MEMBERS
from chat_shared.names import fold
from chat_tui.markup.unread_badge import unread_badge
from chat_tui.model.changes import Appended, Change, NotificationDue, TypingChanged
from chat_tui.model.notifications import Level, Notifications, sentence
from chat_tui.model.rate_limiter import RateLimiter
from chat_tui.model.room import Room
from chat_tui.model.state import ChatState
from chat_tui.model.typing_indicator import TypingIndicator
from chat_tui.terminal.alerts import Terminal, Way
from chat_tui.terminal.textual_internals import write_to_terminal
from chat_tui.ui.chat.room_view import RoomView
from chat_tui.ui.messages import LevelsChosen
from chat_tui.ui.widgets.member_list import presence

_TYPING_EVERY: Final = 4.0  # seconds: before the others stop showing it
_NOTIFY_EVERY: Final = 3.0  # seconds: a room that is busy is not an alarm
_RENEW_EVERY: Final = 60.0  # seconds: since when somebody is gone is told in minutes


class Attentive(RoomView):
    """Pays attention to people, and draws it to where they are wanted."""

    def __init__(self, state: ChatState, keys: Mapping[str, str]) -> None:
        super().__init__(state, keys)
        self.terminal = Terminal(self._write_to_terminal, os.environ)
        self._way: Way = "bell"
        self._notifications = Notifications({}, state.mentions_us)
        self._typists = TypingIndicator()
        self._typing_pace = RateLimiter(_TYPING_EVERY)
        self._notify_pace = RateLimiter(_NOTIFY_EVERY)

    def on_mount(self) -> None:  # beside those of the other parts: Textual calls all
        self.set_interval(_RENEW_EVERY, self.renew_presence)

    def on_unmount(self) -> None:
        self.terminal.restore()

    def notify_by(self, way: Way, levels: dict[str, Level]) -> None:
        """Tell in this way, and of these rooms something else than what is said to us."""
        self._way = way
        self._take_levels(levels)

    def _take_levels(self, levels: dict[str, Level]) -> None:
        self._notifications = Notifications(levels, self._state.mentions_us)
        self._state.notify_all = self._notifications.all_rooms()

    def _write_to_terminal(self, sequence: str) -> None:
        write_to_terminal(self.app, sequence)

    # --- what changed

    def show(self, changes: Iterable[Change]) -> None:
        changes = list(changes)
        super().show(changes)
        for change in changes:
            match change:
                case TypingChanged(self._current, name):
                    self._typists.typing(name, time.monotonic())
                    self.set_timer(TYPING_LASTS, self._draw_about)
                case Appended(self._current, lines):
                    for line in lines:
                        self._typists.posted(line.author)
        self._draw_about()
        self._notify([change for change in changes if isinstance(change, NotificationDue)])

    def _notify(self, concerned: list[NotificationDue]) -> None:
        """Tell of what came, unless somebody is looking, or did not want to be told."""
        rooms = self._state.rooms
        news = [(rooms[c.room], c.line) for c in concerned if c.room in rooms]
        wanted = [entry for entry in news if self._notifications.wanted(*entry)]
        if wanted and not self.app.app_focus and self._notify_pace.may("", time.monotonic()):
            self.terminal.notify(self._way, sentence(wanted))

    def open_room(self, name: str) -> None:
        if name != self._current:
            self._typists.clear()
        super().open_room(name)

    def _draw_rooms(self) -> None:
        super()._draw_rooms()
        room = self._state.rooms.get(self._current)
        count = unread_badge(self._state.unread, self._state.addressed)
        name = f" · {room.title}" if room else ""
        self.terminal.title(f"({count}) Trialogue{name}" if count else f"Trialogue{name}")
        self._status.away = self._state.away

    def renew_presence(self) -> None:
        """Say anew since when those who are not here are gone."""
        self._members.renew()
        self._draw_about()

    def _draw_about(self) -> None:
        """Say who types; in a room of two, how the other one is."""
        room = self._state.rooms.get(self._current)
        if room is not None:
            self._title.about = self._typists.sentence(time.monotonic()) or self._peer_is(room)

    def _peer_is(self, room: Room) -> str:
        peer = room.members.get(fold(room.peer)) if room.peer else None
        if peer is None:
            return ""
        if peer.online and not peer.away:
            return "online"
        about = presence(peer, datetime.now(UTC))
        return f"away: {about}" if peer.away else f"last here {about}" if about else "not here"

    # --- what somebody does

    @on(TextArea.Changed)
    def say_typing(self, event: TextArea.Changed) -> None:
        """Let the others know that something is being written, now and then."""
        text, room = event.text_area.text, self._state.rooms.get(self._current)
        if room is None or not text.strip() or text.startswith("/"):
            return
        few = len(room.members) <= TYPING_MEMBERS
        if self._status.online and few and self._typing_pace.may(room.name, time.monotonic()):
            self._ask(m.Typing(id=m.UNNUMBERED, room=room.name))

    def go_away(self, why: str) -> None:
        """Say that one is not here, and why; without a reason, that one is back."""
        if not why and not self._state.away:
            self._hint.say("You are not away. Say why you go: /away TEXT")
        else:
            self.submit_request(m.Away(id=m.UNNUMBERED, text=why))

    def choose_level(self, level: str) -> None:
        """Choose what the open room may tell; without a choice, say what it does."""
        room = self._room()
        if level:
            levels = {**self._notifications.levels, room.name: cast("Level", level)}
            self._take_levels(levels)
            self.post_message(LevelsChosen(levels))
        told = _TOLD[self._notifications.level(room)]
        ways = "" if self._way != "off" else " But notifications are off in the settings."
        change = "" if level else " /notify all, mentions or off changes that."
        self._hint.tell(f"While you look elsewhere, you are told of {told} here.{ways}{change}")


_TOLD: Final[dict[Level, str]] = {
    "all": "everything",
    "mentions": "what calls you by name",
    "off": "nothing",
}
