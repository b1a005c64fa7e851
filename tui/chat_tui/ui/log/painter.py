"""Paints laid-out lines: turns named runs of text into styled segments.

Where the mouse points, every segment also carries the row and the character that it shows, from
which Textual derives a selection (see `selection`). On the screen that would be in the way: most
segments differ in nothing else, and each costs forty bytes of escape sequences.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple, TypeAlias

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.strip import Strip

from chat_tui.ui.log.lines import BLANK, Block, Line, Run
from chat_tui.ui.log.rows import MessageRow

Styler: TypeAlias = Callable[[str], Style]
"""Returns the style of a part: "time", "author-3", "selection"."""

Pointer: TypeAlias = Callable[[Style, int], Style]
"""Returns a style that also says which character of the row it shows."""

# In front of the selected message, so that it is seen without colors.
CURSOR = "❯"

# Terminals need not accept longer ones; the link can still be opened from here.
_MAX_LINK = 2_000


class Paint(NamedTuple):
    """How a line is drawn besides what is in it."""

    selected: tuple[int, int] | None = None
    """The characters of the body that are selected."""
    cursor: bool = False
    """This is the selected message."""
    points: bool = False
    """It is not drawn but asked what the mouse is on."""


PLAIN = Paint()


class Filters(NamedTuple):
    """What a terminal needs changed in every line, such as fewer colors."""

    filters: Sequence[LineFilter] = ()
    background: Color = Color(0, 0, 0, 0)


NO_FILTERS = Filters()


class Painter:
    """Paints lines, and remembers styles until `forget`: after a change of styles or width."""

    def __init__(self, style: Styler, filters: Callable[[], Filters] = lambda: NO_FILTERS) -> None:
        """`filters` returns what the terminal needs changed in every line."""
        self._find_style = style
        self._find_filters = filters
        self._styles: dict[str, Style] = {}  # of parts, which Textual forgets at each refresh
        self._filters: Filters | None = None

    def forget(self) -> None:
        self._styles.clear()
        self._filters = None

    def strip(
        self, block: Block, number: int, ordinal: int, width: int, look: Paint = PLAIN
    ) -> Strip:
        """Return line `number` of `block`."""
        strip = paint(block, number, ordinal, width, self._styler(block, number, look), look)
        return strip if look.points else self._filtered(strip)

    def blank(self, width: int) -> Strip:
        """Return a line without a row."""
        return self._filtered(Strip.blank(width, self.style("text")))

    def _filtered(self, strip: Strip) -> Strip:
        if self._filters is None:
            self._filters = self._find_filters()
        for line_filter in self._filters.filters:
            strip = strip.apply_filter(line_filter, self._filters.background)
        return strip

    def style(self, part: str) -> Style:
        """Return the style of a part."""
        if part not in self._styles:
            self._styles[part] = self._find_style(part)
        return self._styles[part]

    def _styler(self, block: Block, number: int, look: Paint) -> Styler:
        if number < _first(block):
            return self.style
        if look.cursor:
            return self._over("cursor")
        return self._over("mentioned") if _mentions(block) else self.style

    def _over(self, ground: str) -> Styler:
        """Return a styler with the background of `ground` under all but selections."""
        background = Style(bgcolor=self.style(ground).bgcolor)

        def style(part: str) -> Style:
            own = self.style(part)
            return own if part == "selection" else own + background

        return style


def _mentions(block: Block) -> bool:
    return isinstance(block.row, MessageRow) and block.row.mention


def paint(
    block: Block, number: int, ordinal: int, width: int, style: Styler, look: Paint = PLAIN
) -> Strip:
    """Return line `number` of `block`, exactly `width` cells wide."""
    line = block.lines[number]
    gutter = _with_cursor(line.gutter) if look.cursor and number == _first(block) else line.gutter
    # A tail above the text maps to the beginning of the text, one behind it to its end.
    tail_at = len(block.body) if line.start >= 0 else -_length(line.tail)
    point = partial(_point, ordinal) if look.points else _draw
    segments = [
        *_gutter(gutter, line.start, point, style, look),
        *_body(block, line, ordinal, point, style, look.selected or (0, 0)),
        *_runs(line.tail, tail_at, point, style),
        *_picture(line.picture, len(block.body), point, style, look),
    ]
    strip = Strip(segments).adjust_cell_length(width, style("text"))
    return strip if look.points else strip.simplify()


def _first(block: Block) -> int:
    """Return the number of the line that is not the blank one above the message."""
    return int(block.lines[0].start == BLANK)


def _with_cursor(gutter: tuple[Run, ...]) -> tuple[Run, ...]:
    return (Run(CURSOR, "cursor-sign"), *gutter[1:])


def _gutter(
    gutter: tuple[Run, ...], start: int, point: Pointer, style: Styler, look: Paint
) -> Iterable[Segment]:
    if start <= 0 or not look.points:
        # Counts up to the text: left of the first character, that one is meant.
        return _runs(gutter, -_length(gutter), point, style)
    # Textual adds the cell within a segment to its offset. With one segment per cell,
    # all of them mean the first character of this line.
    return [Segment(cell, point(style(run.part), start)) for run in gutter for cell in run.text]


def _body(
    block: Block,
    line: Line,
    ordinal: int,
    point: Pointer,
    style: Styler,
    selected: tuple[int, int],
) -> Iterator[Segment]:
    plain = style(block.part)
    for start, end, looks, link in _pieces(block, line):
        look = plain
        for name in looks:
            look += style(name)
        for begin, stop, chosen in _split(start, end, selected):
            shown = point(look + style("selection") if chosen else look, begin)
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


def _runs(runs: Iterable[Run], x: int, point: Pointer, style: Styler) -> Iterator[Segment]:
    for run in runs:
        if run.text:
            yield Segment(run.text, point(style(run.part), x))
        x += len(run.text)


def _picture(
    row: Iterable[Segment], end: int, point: Pointer, style: Styler, look: Paint
) -> Iterator[Segment]:
    """Yield a row of a picture; to the mouse, it is nothing behind the end of the text."""
    ground = Style(bgcolor=style("text").bgcolor)
    for segment in row:
        if look.points:
            yield Segment(" " * segment.cell_length, point(style("text"), end))
        else:
            yield Segment(segment.text, ground + segment.style if segment.style else ground)


def _length(runs: Iterable[Run]) -> int:
    return sum(len(run.text) for run in runs)


def _point(ordinal: int, look: Style, x: int) -> Style:
    return look + Style.from_meta({"offset": (x, ordinal)})


def _draw(look: Style, _x: int) -> Style:
    return look


def _linked(look: Style, url: str, ordinal: int) -> Style:
    """Return `look` as a link, the same one on all rows that it is wrapped onto.

    Terminals treat segments with the same id and address as one link. Rich gives every
    segment an id of its own, and has no public way to choose it.
    """
    style = look + Style(link=url)
    style._link_id = f"m{ordinal}"
    return style
