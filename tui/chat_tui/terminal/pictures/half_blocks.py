"""Draws pictures with the sign for half a block: two pixels in each cell, in every terminal."""

from collections.abc import Iterator
from itertools import groupby
from typing import Final, TypeAlias

from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from chat_tui.terminal.pictures.decoding import Picture

Rgb: TypeAlias = tuple[int, int, int]

_UPPER_HALF: Final = "▀"
_DEPTH: Final = 4  # bytes of a pixel


def draw(picture: Picture, background: Rgb) -> list[list[Segment]]:
    """Return a row of segments for every two rows of pixels, all as wide as the picture."""
    rows = [_blended(row, background) for row in _rows(picture)]
    if len(rows) % 2:
        rows.append([background] * picture.width)
    return [_drawn(upper, lower) for upper, lower in zip(rows[::2], rows[1::2], strict=True)]


def _rows(picture: Picture) -> Iterator[bytes]:
    length = picture.width * _DEPTH
    for start in range(0, length * picture.height, length):
        yield picture.data[start : start + length]


def _blended(row: bytes, background: Rgb) -> list[Rgb]:
    """Return the pixels of `row` as they are seen in front of `background`."""
    pixels = [tuple(row[at : at + _DEPTH]) for at in range(0, len(row), _DEPTH)]
    return [
        (red, green, blue)
        if alpha == 255
        else (
            _mix(red, background[0], alpha),
            _mix(green, background[1], alpha),
            _mix(blue, background[2], alpha),
        )
        for red, green, blue, alpha in pixels
    ]


def _mix(value: int, behind: int, alpha: int) -> int:
    return (value * alpha + behind * (255 - alpha) + 127) // 255


def _drawn(upper: list[Rgb], lower: list[Rgb]) -> list[Segment]:
    """Return one row of cells; equal ones that follow each other are one segment."""
    return [
        Segment(_UPPER_HALF * len([*run]), _style(*colors))
        for colors, run in groupby(zip(upper, lower, strict=True))
    ]


def _style(upper: Rgb, lower: Rgb) -> Style:
    return Style.from_color(Color.from_rgb(*upper), Color.from_rgb(*lower))
