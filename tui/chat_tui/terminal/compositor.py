"""Draws what has changed of a screen, and only what is seen of it.

Textual renders each widget within a rectangle around all changes, containers as well that are
hidden behind what they contain, and finds out each time which of them is seen where. Here, that
is found out once for the same changes, until widgets move.

Like `textual_internals`, it uses Textual's private API.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise, takewhile
from typing import Final, NamedTuple, TypeAlias

from rich.console import Console
from textual._compositor import Compositor, CompositorUpdate
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

# Changes of which is remembered what is seen: a message, a key, and some others. A few kilobytes
# each.
REMEMBERED: Final = 8

_Span: TypeAlias = tuple[int, int, int]
"""A line of the screen, and the first column and the one behind the last."""


class _Piece(NamedTuple):
    """Some cells of one line that a widget renders, where they are seen on the screen."""

    x: int
    y: int
    line: int  # of those that are rendered
    start: int  # of the cells of that line
    stop: int
    move: str  # moves the terminal's cursor there


class _Seen(NamedTuple):
    """What is seen of a widget."""

    widget: Widget
    rendered: Region  # of the widget
    pieces: list[_Piece]

    def strips(self) -> Iterator[tuple[_Piece, Strip]]:
        lines = self.widget.render_lines(self.rendered)
        for piece in self.pieces:
            yield piece, lines[piece.line].crop(piece.start, piece.stop)


class PiecesUpdate(CompositorUpdate):
    """Pieces of lines, each with what moves the cursor there."""

    def __init__(
        self, pieces: Sequence[tuple[str, Strip]], widgets: frozenset[Widget] = frozenset()
    ) -> None:
        """`widgets` are those of which something is drawn."""
        self._pieces = pieces
        self.widgets = widgets

    def render_segments(self, console: Console) -> str:
        return "".join([f"{move}{strip.render(console)}" for move, strip in self._pieces])


class FrontCompositor(Compositor):
    """A compositor that renders only what is seen of what changed."""

    def __init__(self) -> None:
        super().__init__()
        self._seen_in: dict[frozenset[Region], list[_Seen]] = {}
        self._seen_while: tuple[object, object] = (None, None)  # objects that are made anew

    def clear(self) -> None:
        super().clear()
        self._seen_in.clear()
        self._seen_while = (None, None)

    def render_partial_update(self) -> PiecesUpdate | None:  # type: ignore[override]
        regions = frozenset(self._dirty_regions)
        self._dirty_regions.clear()
        update = _update(self._seen(regions))
        return update if update.widgets else None

    def render_region(self, region: Region) -> PiecesUpdate:
        """Return what is seen in `region`."""
        return _update(self._find_seen_in(region), region.x)

    def render_in_front(self, widget: Widget, region: Region) -> PiecesUpdate:
        """Return what is seen in `region` in front of `widget`, and hides it."""
        seen = self._find_seen_in(region)
        return _update(takewhile(lambda each: each.widget is not widget, seen), region.x)

    def _render_chops(
        self, crop: Region, is_rendered_line: Callable[[int], bool]
    ) -> Sequence[Mapping[int, Strip]]:
        spans = [(y, *crop.column_span) for y in crop.line_range if is_rendered_line(y)]
        chops: list[dict[int, Strip]] = [{} for _ in self.cuts]
        for seen in self._find_seen(spans):
            for piece, strip in seen.strips():
                chops[piece.y][piece.x] = strip
        return [dict(sorted(line.items())) for line in chops]

    def _seen(self, regions: frozenset[Region]) -> list[_Seen]:
        """Return what is seen in `regions`, remembered for as long as the widgets stay there."""
        while_ = (self.cuts, self.visible_widgets)
        if any(now is not before for now, before in zip(while_, self._seen_while, strict=True)):
            self._seen_in.clear()
            self._seen_while = while_
        if (seen := self._seen_in.get(regions)) is None:
            screen = self.size.region
            spans = self._regions_to_spans(map(screen.intersection, regions))
            seen = self._seen_in[regions] = self._find_seen(spans)
            if len(self._seen_in) > REMEMBERED:
                del self._seen_in[next(iter(self._seen_in))]
        return seen

    def _find_seen_in(self, region: Region) -> list[_Seen]:
        region = region.intersection(self.size.region)
        return self._find_seen([(y, *region.column_span) for y in region.line_range])

    def _find_seen(self, spans: Iterable[_Span]) -> list[_Seen]:
        """Return what is seen in `spans`, by widget."""
        unseen = self._columns_in(spans)
        found = []
        for widget, (region, clip) in self.visible_widgets.items():  # from front to back
            shown = region.intersection(clip)
            pieces = [
                _Piece(x, y, y - shown.y, x - shown.x, end - shown.x, _move(x, y))
                for y in shown.line_range
                for x, end in _take(unseen[y], *shown.column_span)
            ]
            if pieces:
                found.append(_Seen(widget, shown.translate(-region.offset), pieces))
        return found

    def _columns_in(self, spans: Iterable[_Span]) -> list[dict[int, int]]:
        """Return for each line what lies between the edges of widgets and in `spans`.

        Not cut at the beginning of a span: half a wide character may be there.
        """
        columns: list[dict[int, int]] = [{} for _ in self.cuts]
        for y, first, last in spans:
            for x, end in pairwise(self.cuts[y]):
                if x < last and first < end:
                    columns[y][x] = min(end, last)
        return columns


def _update(seen: Iterable[_Seen], first: int = 0) -> PiecesUpdate:
    """Return what is seen, from the column `first` on."""
    seen = list(seen)
    pieces = [
        (piece.move, strip)
        if piece.x >= first
        else (_move(first, piece.y), strip.crop(first - piece.x))
        for each in seen
        for piece, strip in each.strips()
    ]
    return PiecesUpdate(pieces, frozenset(each.widget for each in seen))


def _move(x: int, y: int) -> str:
    return f"\x1b[{y + 1};{x + 1}H"


def _take(unseen: dict[int, int], first: int, last: int) -> Iterator[tuple[int, int]]:
    """Take from `unseen` what lies between two columns; yield neighbours as one."""
    inside = [(x, unseen.pop(x)) for x in [*unseen] if first <= x < last]
    while inside:
        x, end = inside.pop(0)
        while inside and inside[0][0] == end:
            _, end = inside.pop(0)
        yield x, end
