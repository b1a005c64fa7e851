"""Draws pictures by kitty's graphics protocol, with Unicode placeholders.

The picture is sent once, and placed by text: cells that say which part of it they are. So it
scrolls, is clipped and goes as that text does, and the screen need not know.
https://sw.kovidgoyal.net/kitty/graphics-protocol/#unicode-placeholders
"""

from base64 import standard_b64encode
from collections.abc import Iterator
from itertools import chain
from typing import Final

from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from chat_tui.terminal.pictures.decoding import Picture

_PLACEHOLDER: Final = "\U0010eeee"

# Kitty, from 0.43 to 0.48 at least, leaves the first pictures on a screen out of the frame that
# shows their cells. It draws the next frame when it is sent something, such as this, which changes
# nothing.
NEXT_FRAME: Final = "\x1b[0m"

# Marks that stand for 0, 1, 2 … behind a placeholder: those above a letter, as of Unicode 6.0.
_RANGES: Final = (
    *((0x0305, 0x0305), (0x030D, 0x030E), (0x0310, 0x0310), (0x0312, 0x0312), (0x033D, 0x033F)),
    *((0x0346, 0x0346), (0x034A, 0x034C), (0x0350, 0x0352), (0x0357, 0x0357), (0x035B, 0x035B)),
    *((0x0363, 0x036F), (0x0483, 0x0487), (0x0592, 0x0595), (0x0597, 0x0599), (0x059C, 0x05A1)),
    *((0x05A8, 0x05A9), (0x05AB, 0x05AC), (0x05AF, 0x05AF), (0x05C4, 0x05C4), (0x0610, 0x0617)),
    *((0x0657, 0x065B), (0x065D, 0x065E), (0x06D6, 0x06DC), (0x06DF, 0x06E2), (0x06E4, 0x06E4)),
    *((0x06E7, 0x06E8), (0x06EB, 0x06EC), (0x0730, 0x0730), (0x0732, 0x0733), (0x0735, 0x0736)),
    *((0x073A, 0x073A), (0x073D, 0x073D), (0x073F, 0x0741), (0x0743, 0x0743), (0x0745, 0x0745)),
    *((0x0747, 0x0747), (0x0749, 0x074A), (0x07EB, 0x07F1), (0x07F3, 0x07F3), (0x0816, 0x0819)),
    *((0x081B, 0x0823), (0x0825, 0x0827), (0x0829, 0x082D), (0x0951, 0x0951), (0x0953, 0x0954)),
    *((0x0F82, 0x0F83), (0x0F86, 0x0F87), (0x135D, 0x135F), (0x17DD, 0x17DD), (0x193A, 0x193A)),
    *((0x1A17, 0x1A17), (0x1A75, 0x1A7C), (0x1B6B, 0x1B6B), (0x1B6D, 0x1B73), (0x1CD0, 0x1CD2)),
    *((0x1CDA, 0x1CDB), (0x1CE0, 0x1CE0), (0x1DC0, 0x1DC1), (0x1DC3, 0x1DC9), (0x1DCB, 0x1DCC)),
    *((0x1DD1, 0x1DE6), (0x1DFE, 0x1DFE), (0x20D0, 0x20D1), (0x20D4, 0x20D7), (0x20DB, 0x20DC)),
    *((0x20E1, 0x20E1), (0x20E7, 0x20E7), (0x20E9, 0x20E9), (0x20F0, 0x20F0), (0x2CEF, 0x2CF1)),
    *((0x2DE0, 0x2DFF), (0xA66F, 0xA66F), (0xA67C, 0xA67D), (0xA6F0, 0xA6F1), (0xA8E0, 0xA8F1)),
    *((0xAAB0, 0xAAB0), (0xAAB2, 0xAAB3), (0xAAB7, 0xAAB8), (0xAABE, 0xAABF), (0xAAC1, 0xAAC1)),
    *((0xFE20, 0xFE26), (0x10A0F, 0x10A0F), (0x10A38, 0x10A38), (0x1D185, 0x1D189)),
    *((0x1D1AA, 0x1D1AD), (0x1D242, 0x1D244)),
)
_MARKS: Final = [chr(point) for point in chain.from_iterable(range(a, b + 1) for a, b in _RANGES)]

MAX_CELLS: Final = len(_MARKS)  # in either direction

# Characters of base64 in one sequence: the protocol allows no more.
_PART: Final = 4096


def transmit(id: int, picture: Picture, columns: int, rows: int) -> str:
    """Return the sequences that give the terminal `picture` (a PNG) for so many cells.

    `id` has 24 bits, and no two pictures that are shown have the same.
    """
    parts = list(_parts(standard_b64encode(picture.data).decode()))
    head = f"a=T,U=1,q=2,i={id},f=100,c={columns},r={rows},"
    return "".join(
        f"\x1b_G{'' if at else head}m={int(at < len(parts) - 1)};{part}\x1b\\"
        for at, part in enumerate(parts)
    )


def without_base64(most: int) -> int:
    """Return how many bytes a picture may have of which the terminal is sent at most so many."""
    return most // 4 * 3


def forget(id: int) -> str:
    """Return the sequence that makes the terminal forget a picture."""
    return f"\x1b_Ga=d,d=I,i={id},q=2\x1b\\"


def draw(id: int, columns: int, rows: int) -> list[list[Segment]]:
    """Return the cells of a picture, row by row; at most MAX_CELLS in either direction."""
    color = Color.from_rgb(id >> 16, id >> 8 & 0xFF, id & 0xFF)
    style = Style(color=color)
    return [
        [Segment("".join(_PLACEHOLDER + mark + column for column in _MARKS[:columns]), style)]
        for mark in _MARKS[:rows]
    ]


def _parts(text: str) -> Iterator[str]:
    for start in range(0, len(text), _PART):
        yield text[start : start + _PART]
