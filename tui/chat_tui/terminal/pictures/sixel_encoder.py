"""Encodes pictures as sixel, one sequence for each row of cells, so that rows can scroll alone.

Runs where pictures are decoded. https://vt100.net/docs/vt3xx-gp/chapter14.html
"""

import re
from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Final

TRANSPARENT: Final = 255
MAX_COLORS: Final = 64  # each costs a pass over the picture

_BAND: Final = 6  # rows of pixels that one sign draws
_LOWEST: Final = 63  # the sign for none of them
_RUN: Final = re.compile(rb"(.)\1{3,}", re.DOTALL)

# Signs for pixels, bit by bit.
_SIGNS: Final = bytes(bits + _LOWEST for bits in range(1 << _BAND)).ljust(256, b"?")


def encode(rows: Sequence[bytes], palette: Sequence[tuple[int, int, int]], height: int) -> bytes:
    """Return the sequences for `rows` of pixels, `height` of them in each row of cells.

    A pixel is the number of a color in `palette`, or TRANSPARENT. The sequences are separated by
    newlines, which none of them contains.
    """
    return b"\n".join(
        _sequence(rows[top : top + height], palette) for top in range(0, len(rows), height)
    )


def _sequence(rows: Sequence[bytes], palette: Sequence[tuple[int, int, int]]) -> bytes:
    width = len(rows[0])
    used = sorted(set(b"".join(rows)) - {TRANSPARENT})
    colors = b"".join(_color(number, palette[number]) for number in used)
    bands = b"-".join(_band(rows[top : top + _BAND]) for top in range(0, len(rows), _BAND))
    # `1` in the second place: what no sign draws stays as it is.
    return b'\x1bP0;1q"1;1;%d;%d%b%b\x1b\\' % (width, len(rows), colors, bands)


def _color(number: int, color: tuple[int, int, int]) -> bytes:
    return b"#%d;2;%d;%d;%d" % (number, *(round(part * 100 / 255) for part in color))


def _band(rows: Sequence[bytes]) -> bytes:
    """Return six rows of pixels: for each color of theirs a line of signs over the others."""
    return b"$".join(
        b"#%d%b" % (number, _RUN.sub(_shortened, _line(rows, number)))
        for number in sorted(set(b"".join(rows)) - {TRANSPARENT})
    )


def _line(rows: Sequence[bytes], number: int) -> bytes:
    """Return the signs for the pixels that have the color `number`."""
    bits = [int.from_bytes(row.translate(_table(number, at))) for at, row in enumerate(rows)]
    return reduce(or_, bits).to_bytes(len(rows[0])).translate(_SIGNS)


def _table(number: int, at: int) -> bytes:
    return bytes(number) + bytes([1 << at]) + bytes(255 - number)


def _shortened(match: re.Match[bytes]) -> bytes:
    return b"!%d%b" % (len(match[0]), match[1])
