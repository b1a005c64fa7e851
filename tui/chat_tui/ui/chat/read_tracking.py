"""What was read: noted here when it was seen, told to the server, and marked in the log."""

from collections.abc import Iterable, Mapping

from textual import on

from chat_tui.model.address import Place
from chat_tui.model.changes import Change
from chat_tui.model.read_receipts import ReadReceipts
from chat_tui.model.state import ChatState
from chat_tui.ui.chat.room_view import RoomView
from chat_tui.ui.messages import MarkUnread


class Reader(RoomView):
    """Read is what was on the screen, at the end of its room, while the terminal had the focus."""

    def __init__(self, state: ChatState, keys: Mapping[str, str]) -> None:
        super().__init__(state, keys)
        self._teller = ReadReceipts(self._ask, self.set_timer)

    def on_mount(self) -> None:  # before the one of the view: Textual calls both
        self.watch(self.app, "app_focus", self._note_reading, init=False)

    def connected(self, place: Place) -> None:
        super().connected(place)
        for room in self._state.rooms.values():
            self._teller.report(room)

    def open_room(self, name: str) -> None:
        room = self._state.rooms.get(name)
        if room is not None and name != self._current:
            room.kept_unread = False
        super().open_room(name)

    def show(self, changes: Iterable[Change]) -> None:
        super().show(changes)
        self._mark_where_reading_stopped()

    def _catch_up(self) -> None:
        super()._catch_up()
        self._note_reading()

    def _note_reading(self) -> None:
        room = self._state.rooms.get(self._current)
        if room is None or not self.app.app_focus:
            return
        seen = self._logs.log(room).follow and room.reaches_the_end
        if seen and self._state.read(room.name):
            self._draw_rooms()
        self._teller.report(room)

    def _mark_where_reading_stopped(self) -> None:
        """Draw the unread line in the open room, where something came that nobody has seen."""
        room = self._state.rooms.get(self._current)
        if room is not None and room.unread and self._logs.read_to(room) != room.read_seq:
            self._logs.draw_unread_line(room)

    @on(MarkUnread)
    def mark_unread(self, event: MarkUnread) -> None:
        changes = self._state.mark_unread(event.room, event.seq)
        room = self._state.rooms.get(event.room)
        if room is not None:
            self._logs.draw_unread_line(room)
            self._teller.report(room)
            if not room.unread:
                self._hint.tell("From there on only you have said something: nothing is unread.")
        self.show(changes)
