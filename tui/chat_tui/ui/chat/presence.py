"""Shows who types and who is online in the open room, and tells the others that we type."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from textual.timer import Timer

from chat_shared import messages as m
from chat_shared.limits import TYPING_MEMBERS
from chat_shared.names import fold
from chat_tui.model.changes import Appended, Change, MemberLeft, TypingChanged
from chat_tui.model.rate_limiter import RateLimiter
from chat_tui.model.room import Room
from chat_tui.model.typing_indicator import TypingIndicator
from chat_tui.ui.chat.actions import Actions
from chat_tui.ui.chat.requests import Requests
from chat_tui.ui.chat.room_view import RoomView
from chat_tui.ui.widgets.member_list import presence

_TYPING_EVERY: Final = 4.0  # seconds: before the others stop showing it
_RENEW_EVERY: Final = 60.0  # seconds: "last seen" counts minutes


class Presence:
    """The members of the open room: online, away, typing."""

    def __init__(self, view: RoomView, requests: Requests) -> None:
        self._view = view
        self._requests = requests
        self._typing = TypingIndicator()
        self._next_drawing: Timer | None = None
        self._typing_limiter = RateLimiter(_TYPING_EVERY)

    def actions(self) -> Actions:
        return {
            "away": self.set_away,
        }

    def start_renewing(self) -> None:
        """Redraw now and then, since the times that are shown grow."""
        self._view.set_interval(_RENEW_EVERY, self.renew)

    def renew(self) -> None:
        self._view.member_list.renew()
        self.draw()

    def opening(self) -> None:
        """Forget who types in the room that is left."""
        self._typing.clear()

    def watch(self) -> None:
        """Ask for the presence of the open room; the reply says who is in it."""
        if self._view.room is not None:
            self._requests.send(m.Watch(id=m.UNNUMBERED, room=self._view.current))

    # --- what others do

    def show(self, changes: Sequence[Change]) -> None:
        for change in changes:
            match change:
                case MemberLeft(room, name) if room == self._view.current:
                    self._typing.stopped(name)
                case TypingChanged(room, name) if room == self._view.current:
                    self._typing.typing(name, time.monotonic())
                case Appended(room, lines) if room == self._view.current:
                    for line in lines:
                        self._typing.stopped(line.author)
        self.draw()

    def draw(self) -> None:
        """Show who types; in a direct message, else whether the participant is online."""
        if self._view.room is not None:
            online = self._view.status_line.online
            typing = self._typing.sentence(time.monotonic()) if online else ""
            about = _about_participant(self._view.room) if online else ""
            self._view.room_title.about = typing or about
            self._draw_again()

    def _draw_again(self) -> None:
        """Draw once the next of those who type is no longer known to."""
        if self._next_drawing is not None:
            self._next_drawing.stop()
        lasts = self._typing.lasts(time.monotonic())
        self._next_drawing = self._view.set_timer(lasts, self.draw) if lasts else None

    # --- what we do

    def report_typing(self, text: str) -> None:
        """Tell the others that we type, now and then. A command is nobody's business."""
        room = self._view.room
        if room is None or not text.strip() or text.startswith("/"):
            return
        few = len(room.members) <= TYPING_MEMBERS
        online = self._view.status_line.online
        if online and few and self._typing_limiter.may(room.name, time.monotonic()):
            self._requests.send(m.Typing(id=m.UNNUMBERED, room=room.name))

    def set_away(self, message: str) -> None:
        """Set the away message; an empty one ends being away."""
        if not message and not self._view.state.away:
            self._view.hint.say("You're not away. To set an away message, use /away TEXT.")
        else:
            away = m.Away(id=m.UNNUMBERED, text=message)
            self._view.start(self._requests.confirm(away))


def _about_participant(room: Room) -> str:
    """Return the presence of the other participant of a direct message; "" in other rooms."""
    participant = room.members.get(fold(room.peer)) if room.peer else None
    if participant is None:
        return ""
    if participant.online and not participant.away:
        return "online"
    about = presence(participant, datetime.now(UTC))
    if participant.away:
        return f"away: {about}"
    return f"last seen {about}" if about else "offline"
