"""Encodes pictures as sixel. Runs where pictures are decoded.

https://vt100.net/docs/vt3xx-gp/chapter14.html
"""

import re
from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Final

from PIL import Image

MAX_COLORS: Final = 256
# With fewer, areas of one color show edges that are not in the picture, unless dots are mixed.
_ENOUGH_COLORS: Final = 64

_SAMPLE: Final = 400  # pixels across and down

_BAND_ROWS: Final = 6  # of pixels, which one sign draws
_LOWEST: Final = 63  # the sign for none of the six pixels
_RUN: Final = re.compile(rb"(.)\1{3,}", re.DOTALL)

# Signs for pixels, bit by bit.
_SIGNS: Final = bytes(bits + _LOWEST for bits in range(1 << _BAND_ROWS)).ljust(256, b"?")


def encode(picture: Image.Image, colors: int) -> bytes:
    """Return the sequence that draws `picture` (RGB), in at most so many colors."""
    sample = picture.copy()  # that has the same colors, and finding them takes long
    sample.thumbnail((_SAMPLE, _SAMPLE), Image.Resampling.NEAREST)
    found = sample.quantize(max(2, min(colors, MAX_COLORS)))
    mixed = Image.Dither.FLOYDSTEINBERG if colors < _ENOUGH_COLORS else Image.Dither.NONE
    reduced = picture.quantize(palette=found, dither=mixed)
    palette = reduced.getpalette() or []
    pixels, width = reduced.tobytes(), picture.width
    rows = [pixels[start : start + width] for start in range(0, len(pixels), width)]
    return encode_rows(rows, list(zip(palette[::3], palette[1::3], palette[2::3], strict=True)))


def encode_rows(rows: Sequence[bytes], palette: Sequence[tuple[int, int, int]]) -> bytes:
    """Return the sequence for `rows` of pixels, which are numbers of colors in `palette`."""
    used = sorted(set(b"".join(rows)))
    colors = b"".join(_color(number, palette[number]) for number in used)
    bands = b"-".join(
        _band(rows[top : top + _BAND_ROWS]) for top in range(0, len(rows), _BAND_ROWS)
    )
    # `1` in the second place: what no sign draws stays as it is.
    return b'\x1bP0;1q"1;1;%d;%d%b%b\x1b\\' % (len(rows[0]), len(rows), colors, bands)


def _color(number: int, color: tuple[int, int, int]) -> bytes:
    return b"#%d;2;%d;%d;%d" % (number, *(round(part * 100 / 255) for part in color))


def _band(rows: Sequence[bytes]) -> bytes:
    """Return six rows of pixels: for each color of theirs a line of signs over the others."""
    return b"$".join(
        b"#%d%b" % (number, _RUN.sub(_shortened, _line(rows, number).rstrip(b"?")))
        for number in sorted(set(b"".join(rows)))
    )


def _line(rows: Sequence[bytes], number: int) -> bytes:
    """Return the signs for the pixels that have the color `number`."""
    bits = [int.from_bytes(row.translate(_bit(number, at))) for at, row in enumerate(rows)]
    return reduce(or_, bits).to_bytes(len(rows[0])).translate(_SIGNS)


def _bit(number: int, at: int) -> bytes:
    return bytes(number) + bytes([1 << at]) + bytes(255 - number)


def _shortened(match: re.Match[bytes]) -> bytes:
    return b"!%d%b" % (len(match[0]), match[1])
