"""The text of a selection in the log.

A point in a selection is (offset in the body of a row, ordinal of the row), not
a point on the screen: it stays in place when lines are wrapped again, when the log
scrolls and when older rows arrive.
"""

from typing import Final

from rich.cells import split_graphemes
from textual.geometry import Offset
from textual.selection import Selection

from chat_shared.text import clean_line
from chat_tui.ui.log.block import text_of
from chat_tui.ui.log.log_model import LogModel
from chat_tui.ui.log.rows import MessageRow, Row, RowKey

_LONGEST_SIGN: Final = 64  # characters: an emoji of a family has eleven


def selected_text(selection: Selection, model: LogModel) -> str:
    """Return the text to copy.

    Without gutters, soft line breaks and separators; with authors only where several
    messages are selected.
    """
    start, end = selection
    first = 0 if start is None else model.index_of_ordinal(start.y)
    last = len(model) - 1 if end is None else model.index_of_ordinal(end.y)
    rows = [(model[n], _piece(model, n, selection)) for n in range(first, last + 1)]
    filled = [(row, text) for row, text in rows if text]
    names = sum(isinstance(row, MessageRow) for row, _ in filled) > 1
    return "\n".join(_named(row, text) if names else text for row, text in filled)


def span_in(selection: Selection, ordinal: int, body: str) -> tuple[int, int] | None:
    """Return the selected characters of a row's `body`, or None."""
    span = selection.get_span(ordinal)
    if span is None:
        return None
    start, end = span
    return max(0, start), len(body) if end == -1 else _end_of_sign(body, min(end, len(body)))


def _end_of_sign(body: str, end: int) -> int:
    """Return the end of the sign whose first character is the last one before `end`.

    Textual selects one character where the mouse is; a sign may have many.
    """
    if end <= 0 or body.isascii():
        return max(0, end)
    spans, _ = split_graphemes(body[end - 1 : end + _LONGEST_SIGN])
    return end - 1 + spans[0][1]


def whole_row(model: LogModel, index: int) -> Selection:
    """Return the selection of one whole row."""
    ordinal = model.ordinal(index)
    return Selection(Offset(0, ordinal), Offset(len(text_of(model[index]).body), ordinal))


class SelectedRows:
    """The rows at both ends of a selection, from which it is restored after a change."""

    def __init__(self, selection: Selection, model: LogModel) -> None:
        self._selection = selection
        self._model = model
        self._start = self._key(selection.start)
        self._end = self._key(selection.end)

    def moved(self) -> Selection | None:
        """Return the selection as it is now, or None if a row at an end is gone."""
        start, end = self._selection
        for key in (self._start, self._end):
            if key is not None and key not in self._model:
                return None
        return Selection(self._now(start, self._start), self._now(end, self._end))

    def _key(self, point: Offset | None) -> RowKey | None:
        if point is None:
            return None
        return self._model[self._model.index_of_ordinal(point.y)].key

    def _now(self, point: Offset | None, key: RowKey | None) -> Offset | None:
        if point is None or key is None:
            return None
        return Offset(point.x, self._model.ordinal(self._model.index(key)))


def _piece(model: LogModel, index: int, selection: Selection) -> str:
    text = text_of(model[index])
    start, end = span_in(selection, model.ordinal(index), text.body) or (0, 0)
    return text.copied(start, end)


def _named(row: Row, text: str) -> str:
    return f"{clean_line(row.author)}: {text}" if isinstance(row, MessageRow) else text
