"""Sixel, drawn on a canvas by the rules of the terminal that introduced it."""

import re

from hypothesis import given, strategies as st

from chat_tui.terminal.pictures import sixel
from chat_tui.terminal.pictures.decoding import Picture
from chat_tui.terminal.pictures.sixel_encoder import TRANSPARENT, encode

_PALETTE = [(0, 0, 0), (255, 0, 0), (0, 255, 0), (255, 255, 255)]
_START = re.compile(rb'\x1bP0;1q"1;1;(\d+);(\d+)((?:#\d+;2;\d+;\d+;\d+)*)')
_TOKEN = re.compile(rb"#(\d+)|!(\d+)(.)|([$-])|([?-~])", re.DOTALL)


def painted(sequence: bytes) -> tuple[int, dict[tuple[int, int], int], dict[int, bytes]]:
    """Return the height, the color of each pixel that was painted, and the colors."""
    assert sequence.endswith(b"\x1b\\")
    start = _START.match(sequence)
    assert start is not None
    colors = dict(re.findall(rb"#(\d+);(2;\d+;\d+;\d+)", start[3]))
    pixels: dict[tuple[int, int], int] = {}
    x = y = color = 0
    rest = sequence[start.end() : -2]
    tokens = list(_TOKEN.finditer(rest))
    assert b"".join(token[0] for token in tokens) == rest
    for token in tokens:
        if token[1]:
            color = int(token[1])
        elif token[4] == b"$":
            x = 0
        elif token[4] == b"-":
            x, y = 0, y + 6
        else:
            times, sign = (int(token[2]), token[3]) if token[2] else (1, token[5])
            bits = [bit for bit in range(6) if sign[0] - 63 >> bit & 1]
            pixels |= {(at, y + bit): color for at in range(x, x + times) for bit in bits}
            x += times
    return int(start[2]), pixels, {int(number): value for number, value in colors.items()}


@given(st.data(), st.integers(1, 9), st.integers(1, 20), st.integers(1, 20))
def test_every_pixel_is_painted_once_in_its_color(
    data: st.DataObject, width: int, rows: int, height: int
) -> None:
    pixels = st.sampled_from([0, 1, 2, 3, TRANSPARENT])
    row = st.lists(pixels, min_size=width, max_size=width).map(bytes)
    drawn = data.draw(st.lists(row, min_size=rows, max_size=rows))

    top, found = 0, dict[tuple[int, int], int]()
    for sequence in encode(drawn, _PALETTE, height).split(b"\n"):
        tall, part, _ = painted(sequence)
        found |= {(x, top + y): color for (x, y), color in part.items()}
        top += tall

    assert top == rows
    assert found == {
        (x, y): color
        for y, line in enumerate(drawn)
        for x, color in enumerate(line)
        if color != TRANSPARENT
    }


def test_colors_are_in_percent() -> None:
    _, _, colors = painted(encode([bytes([1, 2, 3])], _PALETTE, 6))

    assert colors == {1: b"2;100;0;0", 2: b"2;0;100;0", 3: b"2;100;100;100"}


def test_a_long_run_is_short() -> None:
    assert b"!300@" in encode([bytes([1]) * 300], _PALETTE, 6)


def test_a_row_of_cells_is_blank_below_its_sequence() -> None:
    (row,) = sixel.draw(Picture(30, 6, encode([bytes(30)], _PALETTE, 6)), 3)

    assert [segment.cell_length for segment in row] == [3, 0]
    assert row[1].text.startswith("\x1b7\x1b[3D\x1bP")
    assert row[1].text.endswith("\x1b\\\x1b8")
