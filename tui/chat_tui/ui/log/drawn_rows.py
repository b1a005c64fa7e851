"""The lines of rows as they were drawn, for as long as nothing changes about them.

A message that arrives moves all lines of the view and changes none, so that most of what is drawn
was drawn before. Does not know how rows are drawn.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from textual.strip import Strip

from chat_tui.ui.log.log_model import LogModel
from chat_tui.ui.log.rows import Row, RowKey

# About twenty pages, at some kilobytes each line.
KEPT_ROWS: Final = 500


class _Drawn(NamedTuple):
    above: Row | None  # which says whether the row below repeats its author
    row: Row
    lines: dict[int, Strip]


class DrawnRows:
    """What was drawn of the rows of `model`."""

    def __init__(self, model: LogModel, draw: Callable[[int, int], Strip]) -> None:
        """`draw` returns the line of the row at an index that has a number."""
        self._model = model
        self._draw = draw
        self._rows: dict[RowKey, _Drawn] = {}

    def line(self, index: int, number: int) -> Strip:
        """Return line `number` of the row at `index`, drawn now if it has changed."""
        lines = self._lines(index)
        if (strip := lines.get(number)) is None:
            strip = lines[number] = self._draw(index, number)
        return strip

    def forget(self, key: RowKey) -> None:
        """Draw a row anew that looks different without being another one."""
        self._rows.pop(key, None)

    def _lines(self, index: int) -> dict[int, Strip]:
        row, above = self._model[index], self._model[index - 1] if index else None
        drawn = self._rows.get(row.key)
        if drawn is None or drawn.row is not row or drawn.above is not above:
            if len(self._rows) >= KEPT_ROWS:
                self._rows.clear()
            drawn = self._rows[row.key] = _Drawn(above, row, {})
        return drawn.lines
