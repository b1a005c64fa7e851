"""Sixel, as a terminal draws it."""

from hypothesis import given, strategies as st
from PIL import Image

from chat_tui.terminal.pictures.sixel import encode, encode_rows
from support.sixel import painted

_PALETTE = [(0, 0, 0), (255, 0, 0), (0, 255, 0), (255, 255, 255)]


@given(st.data(), st.integers(1, 9), st.integers(1, 20))
def test_every_pixel_is_painted_once_in_its_color(
    data: st.DataObject, width: int, height: int
) -> None:
    row = st.lists(st.integers(0, 3), min_size=width, max_size=width).map(bytes)
    rows = data.draw(st.lists(row, min_size=height, max_size=height))

    canvas = painted(encode_rows(rows, _PALETTE))

    assert canvas.size == (width, height)
    assert canvas.pixels == {
        (x, y): color for y, line in enumerate(rows) for x, color in enumerate(line)
    }


def test_colors_are_in_percent() -> None:
    canvas = painted(encode_rows([bytes([1, 2, 3])], _PALETTE))

    assert canvas.colors == {1: (100, 0, 0), 2: (0, 100, 0), 3: (100, 100, 100)}


def test_a_long_run_is_short() -> None:
    assert b"!300@" in encode_rows([bytes([1]) * 300], _PALETTE)


def test_a_picture_keeps_its_colors() -> None:
    picture = Image.new("RGB", (500, 40), (255, 0, 0))
    picture.paste((0, 0, 255), (0, 0, 250, 40))

    canvas = painted(encode(picture, 256))

    assert (canvas.color(0, 0), canvas.color(499, 39)) == ((0, 0, 100), (100, 0, 0))


def test_a_terminal_of_few_colors_is_sent_no_more() -> None:
    canvas = painted(encode(Image.linear_gradient("L").convert("RGB"), 16))

    assert len(canvas.colors) <= 16
    numbers = [{canvas.pixels[x, y] for x in range(256)} for y in range(256)]
    assert max(map(len, numbers)) > 1  # two are mixed in a row of one color
