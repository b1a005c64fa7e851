"""A log in which a message can be selected, for keys that act on it.

The selected message is marked and in view. Meanwhile the log has the focus, so that its
keys can be single letters; otherwise it never has the focus.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from textual.message import Message

from chat_tui.ui.log.log_model import LogModel, Place, Splice
from chat_tui.ui.log.rows import MessageRow, RowKey
from chat_tui.ui.log.view import LogView


class CursorView(LogView, can_focus=False):
    """A `LogView` in which a message can be selected."""

    @dataclass
    class PickingChanged(Message):
        """Selecting a message began or ended."""

        picking: bool

    @dataclass
    class PickMoved(Message):
        """Another message is selected, or the selected one has changed."""

        row: MessageRow

    @property
    def picked(self) -> MessageRow | None:
        """The selected message, if there is one."""
        if self._cursor is None:
            return None
        row = self.model[self.model.index(self._cursor)]
        return row if isinstance(row, MessageRow) else None

    def pick(self, key: RowKey | None = None) -> bool:
        """Select a message, without a key the last one in view, and take the focus.

        Returns whether there was one. Raises KeyError for a row that is not in the log.
        """
        index = self._last_in_view() if key is None else self.model.index(key)
        if index is None or not isinstance(self.model[index], MessageRow):
            return False
        if self._cursor is None:
            self.post_message(self.PickingChanged(True))
        self._put_cursor(index)
        self.can_focus = True
        self.screen.set_focus(
            self, scroll_visible=False
        )  # now: `focus` does it after the next keys
        return True

    def let_go(self) -> None:
        """Clear the selection. The caller moves the focus elsewhere."""
        if self._cursor is None:
            return
        self._cursor = None
        self.can_focus = False
        self.post_message(self.PickingChanged(False))
        self.refresh()

    def show(self, model: LogModel) -> None:
        """Show other rows. The selected message stays selected if it is among them."""
        if self._cursor is not None and self._cursor not in model:
            self.let_go()
        super().show(model)

    # --- keys that move

    def previous_message(self) -> None:
        self._step(-1)

    def next_message(self) -> None:
        self._step(1)

    def page_up(self) -> None:
        super().page_up()
        self._pick_in_view(first=True)

    def page_down(self) -> None:
        super().page_down()
        self._pick_in_view(first=False)

    def to_start(self) -> None:
        super().to_start()
        self._pick_in_view(first=True)

    def to_end(self) -> None:
        super().to_end()
        self._pick_in_view(first=False)

    # --- finding messages

    def _messages(self, indices: range) -> Iterator[int]:
        return (index for index in indices if isinstance(self.model[index], MessageRow))

    def _last_in_view(self) -> int | None:
        """Return the last message that begins in view, or else that is in view at all."""
        top, rows = self.scroll_offset.y, self._rows_in_view
        messages = list(self._messages(rows))
        whole = [index for index in messages if self._lines.top(index) >= top]
        return next(reversed(whole or messages), None)

    def _pick_in_view(self, *, first: bool) -> None:
        if self._cursor is None:
            return
        messages = list(self._messages(self._rows_in_view))
        if messages:
            self._put_cursor(messages[0 if first else -1])

    def _step(self, by: int) -> None:
        if self._cursor is None:
            return
        index = self.model.index(self._cursor)
        rest = range(index - 1, -1, -1) if by < 0 else range(index + 1, len(self.model))
        target = next(self._messages(rest), None)
        if target is not None:
            self._put_cursor(target)
        elif by < 0:
            super().to_start()  # which requests older messages
        else:
            super().to_end()

    # --- the mark, and keeping it in view

    def _put_cursor(self, index: int) -> None:
        row = self.model[index]
        self._cursor = row.key
        if isinstance(row, MessageRow):
            self.post_message(self.PickMoved(row))
        self._bring_into_view(index)
        self.refresh()

    def _bring_into_view(self, index: int) -> None:
        top, height = self._lines.top(index), len(self._lines.block(index).lines)
        start, end = self.scroll_offset.y, self.scroll_offset.y + self.size.height
        if top < start:
            self._scroll_lines(top - start)
        elif top + height > end:
            self._scroll_lines(min(top - start, top + height - end))

    def _model_changed(self, change: Splice) -> None:
        super()._model_changed(change)
        if self._cursor is None:
            return
        if self._cursor not in self.model:
            self._pick_nearest(change.index)
            return
        if self.model.follow:
            self._hold()
        self._tell_if_renewed(change)

    def _tell_if_renewed(self, change: Splice) -> None:
        renewed = range(change.index, change.index + min(change.removed, change.added))
        picked = self.picked
        if picked is not None and self.model.index(picked.key) in renewed:
            self.post_message(self.PickMoved(picked))

    def _pick_nearest(self, index: int) -> None:
        """Select the message in its place, or the nearest."""
        after, before = (
            range(index, len(self.model)),
            range(min(index, len(self.model)) - 1, -1, -1),
        )
        nearest = next(chain(self._messages(after), self._messages(before)), None)
        if nearest is None:
            self.let_go()
        else:
            self._put_cursor(nearest)

    def _hold(self) -> None:
        """Stop following the end if that would scroll the message out of view."""
        key = self._cursor
        if key is not None and self._lines.top(self.model.index(key)) < self.scroll_offset.y:
            self.model.stay(Place(key))
            self._keep_place()
            self.view_changed()
