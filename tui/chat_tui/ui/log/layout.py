"""The position of every row of a log, in screen lines, at one width.

Heights are exact near the view and estimated elsewhere: wrapping 100,000 messages
would take seconds, estimating them takes a moment. Does not know Textual; the
widget calls `settle` before it draws or measures.
"""

from collections.abc import Iterator
from datetime import tzinfo
from itertools import product

from textual.cache import LRUCache

from chat_tui.ui.log.block import estimate_height, lay_out
from chat_tui.ui.log.height_index import HeightIndex
from chat_tui.ui.log.lines import Block, Columns, Shape
from chat_tui.ui.log.log_model import LogModel, Place, Splice
from chat_tui.ui.log.rows import MessageRow, NoticeRow, Row, continues

# About twenty pages of a tall terminal, at a few hundred bytes each.
KEPT_BLOCKS = 4_000


class LogLayout:
    """The lines of `model` in `columns`."""

    def __init__(self, model: LogModel, columns: Columns, zone: tzinfo | None = None) -> None:
        self.columns = columns
        self._model = model
        self._zone = zone
        self._blocks: LRUCache[int, tuple[Shape, Block]] = LRUCache(KEPT_BLOCKS)
        # The same for all rows but a few, so that comparing is comparing identities.
        self._shapes = {
            (continued, unfolded, apart): Shape(
                columns, continued, unfolded, apart, zone, model.authors
            )
            for continued, unfolded, apart in product((False, True), repeat=3)
        }
        self._heights = HeightIndex(self._estimates(0, len(model)))
        self._exact = range(0)  # ordinals of rows whose heights are known to be exact

    @property
    def total(self) -> int:
        """The lines of the whole log."""
        return self._heights.total

    def top(self, index: int) -> int:
        """Return the lines above the row at `index`."""
        return self._heights.top(index)

    def find(self, line: int) -> tuple[int, int]:
        """Return the row at `line` and how far into it that is. IndexError outside the log."""
        return self._heights.find(line)

    def lines_from(self, line: int) -> Iterator[tuple[int, int]]:
        """Yield what `find` returns for `line` and each one below, to the end of the log."""
        first, inside = self.find(line)
        for index in range(first, len(self._model)):
            for number in range(inside, self._heights[index]):
                yield index, number
            inside = 0

    def block(self, index: int) -> Block:
        """Return the row at `index`, laid out."""
        row = self._model[index]
        shape = self._shape_at(index)
        ordinal = self._model.ordinal(index)
        cached = self._blocks.get(ordinal)
        if cached is not None and cached[0] is shape and cached[1].row is row:
            return cached[1]
        block = lay_out(row, shape)
        self._blocks[ordinal] = (shape, block)
        return block

    def splice(self, change: Splice) -> None:
        """Follow a change of the model."""
        end = change.index + change.added
        if change.removed or end < len(self._model):  # not only rows below all others
            self._exact = range(0)
        self._heights.splice(change.index, change.removed, self._estimates(change.index, end))
        # The row below may have lost or gained its header.
        for index, height in enumerate(self._estimates(end, min(end + 1, len(self._model))), end):
            self._heights[index] = height

    def view_start(self, height: int) -> int:
        """Return the first line of a view of `height` lines at the reader's place.

        May be outside the log. Makes the rows around the view exact.
        """
        model = self._model
        if model.follow or model.place is None:
            self.settle(len(model), above=2 * height, below=0)
            return self.total - height
        # A page beyond the view, too: turning the page onto rows whose height is an
        # estimate would skip lines.
        self.settle(model.index(model.place.key), above=2 * height, below=2 * height)
        return self.line_of(model.place)

    def rows_in(self, line: int, height: int) -> range:
        """Return the rows that a view of `height` lines from `line` on shows in part or whole."""
        end = min(line + height, self.total)
        if line >= end:
            return range(0)
        return range(self.find(line)[0], self.find(end - 1)[0] + 1)

    def settle(self, index: int, above: int, below: int) -> None:
        """Make exact the rows that fill `above` lines over row `index` and `below` from it on."""
        first = end = index
        while end < len(self._model) and below > 0:
            below -= self._measure(end)
            end += 1
        while first > 0 and above > 0:
            first, above = self._go_up(first, above)
        self._exact = range(self._model.ordinal(first), self._model.ordinal(end))

    def _go_up(self, index: int, lines: int) -> tuple[int, int]:
        """Go up by at most `lines` from row `index` to one that is exact then.

        Returns it, and the lines that are left. A message moves the view, and nearly all rows
        around it were exact before: these are passed at once.
        """
        if self._model.ordinal(index - 1) not in self._exact:
            return index - 1, lines - self._measure(index - 1)
        top = self.top(index)
        first, _ = self.find(max(0, top - lines))
        first = max(first, self._model.index_of_ordinal(self._exact.start))
        return first, lines - (top - self.top(first))

    def line_of(self, place: Place) -> int:
        """Return the line at which a view of `place` starts, if its surroundings are settled."""
        index = self._model.index(place.key)
        return self.top(index) + self.block(index).line_at(place.offset) - place.above

    def place_at(self, line: int, height: int) -> Place:
        """Return the place that keeps a view of `height` lines from `line` on where it is.

        That is the first message that starts in view, unless the top line is a message:
        separators (days, gaps) come and go as older pages arrive.
        """
        index, inside = self.find(line)
        top = line - inside
        first = index
        while top < line + height and index < len(self._model):
            if isinstance(self._model[index], MessageRow):
                return self._place_in(index, line, top)
            top += self._heights[index]
            index += 1
        return self._place_in(first, line, line - inside)

    def _place_in(self, index: int, line: int, top: int) -> Place:
        lines = self.block(index).lines
        inside = min(max(0, line - top), len(lines) - 1)
        return Place(self._model[index].key, lines[inside].start, max(0, top - line))

    def _measure(self, index: int) -> int:
        if self._model.ordinal(index) in self._exact:
            return self._heights[index]
        height = len(self.block(index).lines)
        if self._heights[index] != height:
            self._heights[index] = height
        return height

    def _estimates(self, start: int, end: int) -> list[int]:
        model = self._model
        previous = model[start - 1] if start else None
        heights = []
        for row in model.rows[start:end]:
            heights.append(estimate_height(row, self._shape(previous, row)))
            previous = row
        return heights

    def _shape_at(self, index: int) -> Shape:
        return self._shape(self._model[index - 1] if index else None, self._model[index])

    def _shape(self, previous: Row | None, row: Row) -> Shape:
        continued = continues(previous, row)
        apart = not (self.columns.aligned or continued) and _are_messages(previous, row)
        return self._shapes[continued, row.key in self._model.unfolded, apart]


def _are_messages(previous: Row | None, row: Row) -> bool:
    return isinstance(row, MessageRow) and isinstance(previous, MessageRow | NoticeRow)
