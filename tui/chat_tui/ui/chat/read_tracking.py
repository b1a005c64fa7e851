"""Takes note of what is read, reports it to the server, and marks in the log where it ends."""

from chat_tui.model.read_receipts import ReadReceipts
from chat_tui.ui.chat.requests import Requests
from chat_tui.ui.chat.room_view import RoomView


class ReadTracking:
    """Read is what was displayed, at the end of its room, while the terminal had the focus."""

    def __init__(self, view: RoomView, requests: Requests) -> None:
        self._view = view
        self._receipts = ReadReceipts(requests.send, view.set_timer)

    def report_all(self) -> None:
        """Report what was read while there was no connection."""
        for room in self._view.state.rooms.values():
            self._receipts.report(room)

    def opening(self, name: str) -> None:
        """Let a room that was marked as unread be read again."""
        self._view.state.rooms[name].kept_unread = False

    def update(self) -> None:
        """Take note of what is read by now in the open room, and draw what that changes."""
        if self.take_note():
            self._view.draw_rooms()

    def take_note(self) -> bool:
        """Take note of what is read by now in the open room; return whether anything is new."""
        room = self._view.room
        if room is None or not self._view.app.app_focus:
            return False
        seen = self._view.logs.log(room).follow and room.reaches_the_end
        is_new = seen and bool(self._view.state.read(room.name))
        self._receipts.report(room)
        return is_new

    def draw_unread_line(self) -> None:
        """Draw the unread line in the open room, above what has arrived unseen."""
        room, logs = self._view.room, self._view.logs
        if room is not None and room.unread and logs.read_to(room) != room.read_seq:
            logs.draw_unread_line(room)

    def mark_unread(self, name: str, seq: int) -> None:
        """Make everything from message `seq` on unread again."""
        changes = self._view.state.mark_unread(name, seq)
        room = self._view.state.rooms.get(name)
        if room is not None:
            self._view.logs.draw_unread_line(room)
            self._receipts.report(room)
            if not room.unread:
                self._view.hint.tell("Nothing to mark as unread: only your own messages follow.")
        self._view.show(changes)
