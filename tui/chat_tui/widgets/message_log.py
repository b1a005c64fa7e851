"""The scrolling log of one room: one widget for all rooms and any number of messages.

`LogView` draws it and keeps the reader's place; here is what passes between
the reader, the screen and the log: what the screen is asked for, and what is
selected. Does not know where messages come from.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.selection import Selection

from chat_tui.log_model import LogModel, Splice
from chat_tui.rows import GapRow, RowKey
from chat_tui.widgets.log_selection import SelectedRows, selected_text, whole_row
from chat_tui.widgets.log_view import LogView


class MessageLog(LogView, can_focus=False):
    """The log of the room that is shown."""

    @dataclass
    class OlderWanted(Message):
        """The reader is within a page of the oldest row and there are older ones.

        Posted once; `LogModel.prepend` answers it, also when the rows could not be had.
        """

        model: LogModel

    @dataclass
    class NewerWanted(Message):
        """The reader is within a page of the newest row here and the room goes on.

        Posted once; `LogModel.extend` answers it.
        """

        model: LogModel

    @dataclass
    class GapSeen(Message):
        """A row that stands for missing messages came into view and nobody loads them."""

        model: LogModel
        key: RowKey

    @dataclass
    class FollowChanged(Message):
        """The log began or ceased to follow its end, or more came in below the reader."""

        following: bool
        new_below: int

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, MessageLog.FollowChanged)

    _told: tuple[bool, int] = (True, 0)
    _gaps_in_view: frozenset[RowKey] = frozenset()
    _selected: SelectedRows | None = None

    def show(self, model: LogModel) -> None:
        if model is self.model:
            return
        if self._selected is not None:
            self.screen.clear_selection()
        self._gaps_in_view = frozenset()
        super().show(model)

    def view_changed(self) -> None:
        """Tell the screen what follows from where the view is now."""
        if not self.size.height:
            return
        told = (self.model.follow, self.model.new_below)
        if told != self._told:
            self._told = told
            self.post_message(self.FollowChanged(*told))
        self._ask_for_more()
        self._tell_of_gaps()

    @property
    def allow_select(self) -> bool:
        return True

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        return selected_text(selection, self.model), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self._selected = None
        if selection is not None and len(self.model):
            self._selected = SelectedRows(selection, self.model)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Unfold a folded message; select a message on a double click."""
        # Textual would select the whole room.
        event.prevent_default()
        line = self.scroll_offset.y + event.y
        if line >= self._lines.total:
            return
        index, number = self._lines.find(line)
        if self._lines.block(index).is_fold(number):
            self.model.unfold(self.model[index].key)
        elif event.chain == 2:
            self.screen.selections = {self: whole_row(self.model, index)}

    def _ask_for_more(self) -> None:
        model, page = self.model, self.size.height
        if model.more_above and not model.asked_above and self.scroll_offset.y <= page:
            model.asked_above = True
            self.post_message(self.OlderWanted(model))
        below = self.max_scroll_y - self.scroll_offset.y
        if model.more_below and not model.asked_below and below <= page:
            model.asked_below = True
            self.post_message(self.NewerWanted(model))

    def _tell_of_gaps(self) -> None:
        gaps = frozenset(self._gaps())
        for key in gaps - self._gaps_in_view:
            self.post_message(self.GapSeen(self.model, key))
        self._gaps_in_view = gaps

    def _gaps(self) -> Iterator[RowKey]:
        for index in self._rows_in_view:
            row = self.model[index]
            if isinstance(row, GapRow) and not row.loading:
                yield row.key

    def _model_changed(self, change: Splice) -> None:
        super()._model_changed(change)
        self._keep_selection()

    def _keep_selection(self) -> None:
        """Let the selection stay on its rows, whose ordinals may be others now."""
        if self._selected is None:
            return
        moved = self._selected.moved()
        if moved is None:
            self.screen.clear_selection()
        elif moved != self.text_selection:
            self.screen.selections = {**self.screen.selections, self: moved}
