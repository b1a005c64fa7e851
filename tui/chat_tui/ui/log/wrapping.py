"""Breaks text into rows of a number of cells.

Returns offsets into the text, never copies: text that is copied from the log is cut
from the original, so soft breaks leave no trace.
"""

import re
from collections.abc import Iterator
from typing import TypeAlias

from rich.cells import cell_len, split_graphemes

Span: TypeAlias = tuple[int, int]
"""The characters of one row: start, and end exclusive."""

_TOKENS = re.compile(r"\s+|\S+")


def wrap(text: str, width: int) -> list[Span]:
    """Return the rows of `text`, at least one, none wider than `width` cells.

    Breaks at newlines and in white space, which is dropped where it does not fit; inside
    a word only if the word is wider than a row, and never inside a grapheme.
    """
    rows: list[Span] = []
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        rows.extend(wrap_line(text, start, end, width))
        start = end + 1
    return rows


def estimate_rows(text: str, width: int) -> int:
    """Return about how many rows `wrap` would make, without measuring a single character."""
    if len(text) <= width and "\n" not in text:
        return 1
    return text.count("\n") + 1 + len(text) // (width + 1)


def wrap_line(text: str, start: int, end: int, width: int) -> Iterator[Span]:
    """Yield the rows of the one line from `start` to `end`, at least one, as `wrap` does."""
    if cell_len(text[start:end]) <= width:
        yield start, end
        return
    row, used = start, 0
    for token in _TOKENS.finditer(text, start, end):
        cells = cell_len(token.group())
        if used + cells <= width:
            used += cells
        elif token.group().isspace():
            yield row, token.start()
            row, used = token.end(), 0
        elif cells <= width:
            yield row, token.start()
            row, used = token.start(), cells
        else:
            cuts, used = _cut_word(token.group(), used, width)
            for cut in cuts:
                yield row, token.start() + cut
                row = token.start() + cut
    if row < end:
        yield row, end


def cut_line(text: str, start: int, end: int, width: int) -> Iterator[Span]:
    """Yield the rows of one line in which every space counts: full ones, and what is left."""
    row = start
    if cell_len(text[start:end]) > width:
        cuts, _ = _cut_word(text[start:end], 0, width)
        for cut in cuts:
            yield row, start + cut
            row = start + cut
    yield row, end


def _cut_word(word: str, used: int, width: int) -> tuple[list[int], int]:
    """Return where to cut a word too wide for a row that has `used` cells, and its last row's."""
    cuts: list[int] = []
    spans, _ = split_graphemes(word)
    for begin, end, _ in spans:
        # Not the cells of the span, in which a letter behind two joiners has none.
        cells = cell_len(word[begin:end])
        if used and used + cells > width:
            cuts.append(begin)
            used = 0
        used += cells
    return cuts, used
