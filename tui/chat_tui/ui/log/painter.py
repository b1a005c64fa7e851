"""Drawing laid-out lines: from named runs of text to segments with a style.

Every segment also says which character of which row it shows, for that is how
Textual turns the mouse into a selection (see `log_selection`), and where it
leads, for that is how a terminal knows a link.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.strip import Strip

from chat_tui.ui.log.lines import Block, Line, Run
from chat_tui.ui.log.rows import MessageRow

Styler: TypeAlias = Callable[[str], Style]
"""Gives the style of a part: "time", "author-3", "selection"."""

# The strips of about fifty pages.
KEPT_STRIPS = 4_000

# In front of the message where keys do something, so that it is seen without colours.
CURSOR = "❯"

# Terminals are not bound to take longer ones; the link itself can still be opened.
_MAX_LINK = 2_000


class Paint(NamedTuple):
    """How a line is drawn besides what is in it."""

    selected: tuple[int, int] | None = None
    """The characters of the body to show as selected."""
    cursor: bool = False
    """This is the message where keys do something."""


PLAIN = Paint()


class Painter:
    """Paints lines and remembers them until told that the styles or the width changed."""

    def __init__(self, style: Styler) -> None:
        self._style = style
        self._strips: LRUCache[tuple[int, int], tuple[Block, Strip]] = LRUCache(KEPT_STRIPS)

    def forget(self) -> None:
        self._strips.clear()

    def strip(self, block: Block, number: int, ordinal: int, width: int, look: Paint) -> Strip:
        """Return line `number` of `block`. Only what is as usual is worth keeping."""
        if look != PLAIN:
            return paint(block, number, ordinal, width, self._styler(block, look), look)
        cached = self._strips.get((ordinal, number))
        if cached is not None and cached[0] is block:
            return cached[1]
        strip = paint(block, number, ordinal, width, self._styler(block, look))
        self._strips[ordinal, number] = (block, strip)
        return strip

    def _styler(self, block: Block, look: Paint) -> Styler:
        if look.cursor:
            return self._over("cursor")
        return self._over("mentioned") if _mentions(block) else self._style

    def _over(self, ground: str) -> Styler:
        """Return a styler that puts everything but selections over the background of `ground`."""
        background = Style(bgcolor=self._style(ground).bgcolor)

        def style(part: str) -> Style:
            own = self._style(part)
            return own if part == "selection" else own + background

        return style


def _mentions(block: Block) -> bool:
    return isinstance(block.row, MessageRow) and block.row.mention


def paint(
    block: Block, number: int, ordinal: int, width: int, style: Styler, look: Paint = PLAIN
) -> Strip:
    """Return line `number` of `block`, exactly `width` cells wide."""
    line = block.lines[number]
    gutter = _with_cursor(line.gutter) if look.cursor and number == 0 else line.gutter
    # What stands above the text means its beginning, what stands behind it its end.
    tail_at = len(block.body) if line.start >= 0 else -_length(line.tail)
    segments = [
        *_gutter(gutter, line.start, ordinal, style),
        *_body(block, line, ordinal, style, look.selected or (0, 0)),
        *_runs(line.tail, tail_at, ordinal, style),
    ]
    return Strip(segments).adjust_cell_length(width, style("text"))


def _with_cursor(gutter: tuple[Run, ...]) -> tuple[Run, ...]:
    return (Run(CURSOR, "cursor-sign"), *gutter[1:])


def _gutter(gutter: tuple[Run, ...], start: int, ordinal: int, style: Styler) -> Iterable[Segment]:
    if start <= 0:
        # Counting up to the text; what is left of a row's first character means that one.
        return _runs(gutter, -_length(gutter), ordinal, style)
    # Textual adds the cell within a segment to its offset. A segment per cell is
    # the way to say that all of them mean the first character of this line.
    point = _point(start, ordinal)
    return [Segment(cell, style(run.part) + point) for run in gutter for cell in run.text]


def _body(
    block: Block, line: Line, ordinal: int, style: Styler, selected: tuple[int, int]
) -> Iterator[Segment]:
    plain = style(block.part)
    for start, end, looks, link in _pieces(block, line):
        look = plain
        for name in looks:
            look += style(name)
        for begin, stop, chosen in _split(start, end, selected):
            shown = look + style("selection") if chosen else look
            shown += _point(begin, ordinal)
            if link and len(link) <= _MAX_LINK:
                shown = _linked(shown, link, ordinal)
            yield Segment(block.body[begin:stop], shown)


def _pieces(block: Block, line: Line) -> Iterator[tuple[int, int, tuple[str, ...], str]]:
    """Yield the characters of a line, in pieces of one look."""
    spans = block.text.spans
    at, end = line.start, line.start + len(line.text)
    index = max(0, bisect_right(spans, line.start, key=lambda span: span.start) - 1)
    while index < len(spans) and spans[index].start < end:
        span = spans[index]
        start, stop = max(at, span.start), min(end, span.end)
        if start < stop:
            if at < start:
                yield at, start, (), ""
            yield start, stop, span.looks, span.link
            at = stop
        index += 1
    if at < end:
        yield at, end, (), ""


def _split(start: int, end: int, selected: tuple[int, int]) -> Iterator[tuple[int, int, bool]]:
    """Yield the parts of a piece that are selected and those that are not."""
    first, last = (max(start, min(x, end)) for x in selected)
    for begin, stop, chosen in ((start, first, False), (first, last, True), (last, end, False)):
        if begin < stop:
            yield begin, stop, chosen


def _runs(runs: Iterable[Run], x: int, ordinal: int, style: Styler) -> Iterator[Segment]:
    for run in runs:
        if run.text:
            yield Segment(run.text, style(run.part) + _point(x, ordinal))
        x += len(run.text)


def _length(runs: Iterable[Run]) -> int:
    return sum(len(run.text) for run in runs)


def _point(x: int, ordinal: int) -> Style:
    return Style.from_meta({"offset": (x, ordinal)})


def _linked(look: Style, url: str, ordinal: int) -> Style:
    """Return `look` as a link: one and the same for all the rows that the link is wrapped onto.

    Terminals hold together what has one id and one address. Rich would give
    every segment an id of its own, and has no other way to say which.
    """
    style = look + Style(link=url)
    style._link_id = f"m{ordinal}"
    return style
