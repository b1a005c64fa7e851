"""Shows notices, and what is outside of the screen: the title of the terminal, notifications."""

import os
import time
from collections.abc import Sequence
from typing import Final, cast

from chat_shared.text import clean
from chat_tui.commands.replies import CREATED_UNSEEN, HISTORY_LOST
from chat_tui.markup.unread_badge import unread_badge
from chat_tui.model.changes import Change, HistoryLost, Noticed, NotificationDue, PasswordLost
from chat_tui.model.notifications import Level, Notifications, sentence
from chat_tui.model.rate_limiter import RateLimiter
from chat_tui.terminal.alerts import Terminal, Way
from chat_tui.terminal.textual_internals import write_to_terminal
from chat_tui.ui.chat.actions import Actions
from chat_tui.ui.chat.room_view import RoomView
from chat_tui.ui.messages import LevelsChosen

_NOTIFY_EVERY: Final = 3.0  # seconds: a busy room is no alarm

_LEVELS: Final[dict[Level, str]] = {
    "all": "all messages",
    "mentions": "mentions only",
    "off": "off",
}


class Notifier:
    """Notifies of messages only while the terminal has no focus."""

    def __init__(self, view: RoomView) -> None:
        self._view = view
        self.terminal = Terminal(self._write, os.environ)
        self._way: Way = "bell"
        self._notifications = Notifications({}, view.state.mentions_us)
        self._limiter = RateLimiter(_NOTIFY_EVERY)

    def configure(self, way: Way, levels: dict[str, Level]) -> None:
        """Notify in this way, and of these rooms at another level than the default."""
        self._way = way
        self._use(levels)

    def actions(self) -> Actions:
        return {
            "notify": self.choose_level,
        }

    def show(self, changes: Sequence[Change]) -> None:
        """Show what belongs to no message, and notify of messages."""
        for change in changes:
            self._show_notice(change)
        self._notify(changes)

    def _notify(self, changes: Sequence[Change]) -> None:
        """Notify of what arrived, unless the reader sees it or chose not to be notified."""
        rooms = self._view.state.rooms
        due = [change for change in changes if isinstance(change, NotificationDue)]
        messages = [(rooms[each.room], each.line) for each in due if each.room in rooms]
        wanted = [message for message in messages if self._notifications.wanted(*message)]
        if wanted and not self._view.app.app_focus and self._limiter.may("", time.monotonic()):
            self.terminal.notify(self._way, sentence(wanted))

    def _show_notice(self, change: Change) -> None:
        match change:
            case PasswordLost(room):
                sentence = clean(CREATED_UNSEEN.format(room))
                self._view.notify(sentence, timeout=20, markup=False)
            case Noticed(text):
                title = "Notice from the server"
                self._view.notify(clean(text), title=title, timeout=15, markup=False)
            case HistoryLost(self._view.current):
                self._view.notify(HISTORY_LOST, timeout=20, markup=False)

    def draw_title(self) -> None:
        state, room = self._view.state, self._view.room
        badge = unread_badge(state.unread, state.addressed)
        name = f" · {room.title}" if room else ""
        self.terminal.title(f"({badge}) Trialogue{name}" if badge else f"Trialogue{name}")

    def choose_level(self, level: str) -> None:
        """Choose the level of the open room; with an empty one, show what it is."""
        room = self._view.current_room()
        if level:
            levels = {**self._notifications.levels, room.name: cast("Level", level)}
            self._use(levels)
            self._view.post_message(LevelsChosen(levels))
        now = _LEVELS[self._notifications.level(room)]
        off = " (but off everywhere in your settings)" if self._way == "off" else ""
        change = (
            "" if level else ". To change this, use /notify all, /notify mentions or /notify off."
        )
        self._view.hint.tell(f"Notifications here: {now}{off}{change}")

    def _use(self, levels: dict[str, Level]) -> None:
        self._notifications = Notifications(levels, self._view.state.mentions_us)
        self._view.state.notify_all = self._notifications.all_rooms()

    def _write(self, sequence: str) -> None:
        write_to_terminal(self._view.app, sequence)
