"""Dragging over messages and beyond the log: what is meant ends at the edge that was crossed."""

from textual.geometry import Offset
from textual.widget import Widget

from chat_tui.ui.chat.room_view import RoomView


class Dragging(RoomView):
    """The part of the chat in which text is selected by the mouse.

    Textual takes a drag that ends on something else, be it on the scrollbar, to
    mean all rows up to there: the log to its very end, though little is in view.
    """

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        state = self._select_state
        if self._selecting and state is not None and state.start.content_widget is self._log:
            x, y = self._in_log(x, y)
        return super().get_widget_and_offset_at(x, y)

    def _in_log(self, x: int, y: int) -> Offset:
        """Return the point of the log that is meant: above it its beginning, below it its end."""
        shown = self._log.scrollable_content_region
        if y < shown.y:
            return shown.offset
        if y >= shown.bottom:
            return Offset(shown.right - 1, shown.bottom - 1)
        return Offset(min(max(x, shown.x), shown.right - 1), y)
