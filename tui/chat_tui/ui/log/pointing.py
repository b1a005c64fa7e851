"""Which character of the text a cell of a drawn line belongs to, as Textual asks for it.

Textual adds a character for each that begins before the cell. So it takes the second half
of a wide sign for the next one, and the marks on a letter for letters of their own.
"""

from collections.abc import Iterator

from rich.cells import split_graphemes
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip


def pointable(strip: Strip) -> Strip:
    """Return a strip to point at, not to draw: each cell of an unusual sign is the whole sign."""
    if strip.text.isascii():
        return strip
    return Strip([piece for segment in strip for piece in _cells(segment)], strip.cell_length)


def _cells(segment: Segment) -> Iterator[Segment]:
    text, style, _ = segment
    point = style.meta.get("offset") if style is not None and not text.isascii() else None
    if style is None or point is None:
        yield segment
        return
    x, y = point
    spans, _ = split_graphemes(text)
    for start, end, width in spans:
        here = style + Style.from_meta({"offset": (x + start, y)})
        if end - start == width == 1:
            yield Segment(text[start], here)
        else:
            yield from [Segment(" ", here)] * width
    # What is pointed at behind the last sign is its end.
    yield Segment("", style + Style.from_meta({"offset": (x + len(text), y)}))
