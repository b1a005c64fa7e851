"""Drawing laid-out lines: from named runs of text to segments with a style.

Every segment also says which character of which row it shows, for that is how
Textual turns the mouse into a selection (see `log_selection`).
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.strip import Strip

from chat_tui.rows import MessageRow
from chat_tui.widgets.log_block import Block, Line, Run

Styler: TypeAlias = Callable[[str], Style]
"""Gives the style of a part: "time", "author-3", "selection"."""

# The strips of about fifty pages.
KEPT_STRIPS = 4_000


class Painter:
    """Paints lines and remembers them until told that the styles or the width changed."""

    def __init__(self, style: Styler) -> None:
        self._style = style
        self._strips: LRUCache[tuple[int, int], tuple[Block, Strip]] = LRUCache(KEPT_STRIPS)

    def forget(self) -> None:
        self._strips.clear()

    def strip(
        self, block: Block, number: int, ordinal: int, width: int, selected: tuple[int, int] | None
    ) -> Strip:
        """Return line `number` of `block`. What is selected changes too often to be kept."""
        style = self._mention_style if _mentions(block) else self._style
        if selected is not None:
            return paint(block, number, ordinal, width, style, selected)
        cached = self._strips.get((ordinal, number))
        if cached is not None and cached[0] is block:
            return cached[1]
        strip = paint(block, number, ordinal, width, style)
        self._strips[ordinal, number] = (block, strip)
        return strip

    def _mention_style(self, part: str) -> Style:
        style = self._style(part)
        if part == "selection":
            return style
        return style + Style(bgcolor=self._style("mentioned").bgcolor)


def _mentions(block: Block) -> bool:
    return isinstance(block.row, MessageRow) and block.row.mention


def paint(
    block: Block,
    number: int,
    ordinal: int,
    width: int,
    style: Styler,
    selected: tuple[int, int] = (0, 0),
) -> Strip:
    """Return line `number` of `block`, exactly `width` cells wide.

    `selected` are the characters of the body to show as selected.
    """
    line = block.lines[number]
    segments = [
        *_gutter(line, ordinal, style),
        *_body(block, line, ordinal, style, selected),
        *_runs(line.tail, len(block.body), ordinal, style),
    ]
    return Strip(segments).adjust_cell_length(width, style("text"))


def _gutter(line: Line, ordinal: int, style: Styler) -> Iterable[Segment]:
    if line.start <= 0:
        # Counting up to the text; what is left of a row's first character means that one.
        return _runs(line.gutter, -sum(len(run.text) for run in line.gutter), ordinal, style)
    # Textual adds the cell within a segment to its offset. A segment per cell is
    # the way to say that all of them mean the first character of this line.
    point = _point(line.start, ordinal)
    return [Segment(cell, style(run.part) + point) for run in line.gutter for cell in run.text]


def _body(
    block: Block, line: Line, ordinal: int, style: Styler, selected: tuple[int, int]
) -> Iterator[Segment]:
    length = len(line.text)
    start, end = (max(0, min(x - line.start, length)) for x in selected)
    plain = style(block.part)
    for begin, stop, look in (
        (0, start, plain),
        (start, end, plain + style("selection")),
        (end, length, plain),
    ):
        if begin < stop:
            yield Segment(line.text[begin:stop], look + _point(line.start + begin, ordinal))


def _runs(runs: Iterable[Run], x: int, ordinal: int, style: Styler) -> Iterator[Segment]:
    for run in runs:
        if run.text:
            yield Segment(run.text, style(run.part) + _point(x, ordinal))
        x += len(run.text)


def _point(x: int, ordinal: int) -> Style:
    return Style.from_meta({"offset": (x, ordinal)})
