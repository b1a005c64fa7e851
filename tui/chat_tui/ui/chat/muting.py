"""Shows, before anything is typed, that we may not write in the open room."""

from chat_tui.commands.membership_text import unmuted
from chat_tui.model.mute_watch import MuteWatch
from chat_tui.ui.chat.room_view import RoomView


class Muting:
    """Keeps the line above the composer up to date."""

    def __init__(self, view: RoomView) -> None:
        self._view = view
        self._watch = MuteWatch(view.set_timer, self.draw)

    def draw(self) -> None:
        room = self._view.room
        if room is None:
            return
        if self._watch.update(room):
            self._view.hint.tell(unmuted(room.title))
        self._view.muted_line.sentence = self._watch.sentence
