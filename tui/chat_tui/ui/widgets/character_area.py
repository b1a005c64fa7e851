"""A text area whose cursor never stands inside of what a reader takes for one character."""

from typing import Final, TypeAlias

from textual import events
from textual.widgets import TextArea

from chat_tui.markup.graphemes import boundaries

Location: TypeAlias = tuple[int, int]  # row and column

_JOINERS: Final = ("\u200c", "\u200d")  # between letters, and between the parts of an emoji


class CharacterArea(TextArea):
    """Moves and deletes by the characters of `markup.graphemes`, or by lines as typed."""

    def type_joiner(self, event: events.Key) -> None:
        """Insert a joiner, which is not printable to Textual: it would drop it."""
        if event.character in _JOINERS:
            event.prevent_default().stop()
            self._replace_via_keyboard(event.character, *self.selection)

    def action_erase_line(self) -> None:
        """Erase as a shell does: the line as it was typed, over all rows that it is drawn on."""
        row, column = self.cursor_location
        if column:
            self.delete((row, 0), (row, column), maintain_selection_offset=False)
        else:
            self.action_delete_left()

    def get_cursor_left_location(self) -> Location:
        row, column = self.cursor_location
        if column == 0:
            return super().get_cursor_left_location()
        return row, max(end for end in boundaries(self.document.get_line(row)) if end < column)

    def get_cursor_right_location(self) -> Location:
        row, column = self.cursor_location
        ends = [end for end in boundaries(self.document.get_line(row)) if end > column]
        return (row, ends[0]) if ends else super().get_cursor_right_location()

    def get_cursor_up_location(self) -> Location:
        return self._outside_characters(super().get_cursor_up_location())

    def get_cursor_down_location(self) -> Location:
        return self._outside_characters(super().get_cursor_down_location())

    def get_target_document_location(self, event: events.MouseEvent) -> Location:
        return self._outside_characters(super().get_target_document_location(event))

    def _outside_characters(self, location: Location) -> Location:
        row, column = location
        return row, max(end for end in boundaries(self.document.get_line(row)) if end <= column)
