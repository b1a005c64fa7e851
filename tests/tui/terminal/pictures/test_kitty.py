"""kitty's protocol, read as a terminal reads it."""

import re
from base64 import standard_b64decode
from random import Random

from rich.cells import cell_len

from chat_tui.terminal.pictures import kitty
from chat_tui.terminal.pictures.decoding import Picture

_SEQUENCE = re.compile(r"\x1b_G([^;\x1b]*)(?:;([^\x1b]*))?\x1b\\")


def test_the_terminal_gets_the_picture_in_parts_that_it_takes() -> None:
    data = Random(1).randbytes(60 * 40 * 4)

    sent = kitty.transmit(0x123456, Picture(60, 40, data), 6, 2)

    parts = _SEQUENCE.findall(sent)
    assert "".join(f"\x1b_G{keys};{part}\x1b\\" for keys, part in parts) == sent
    assert parts[0][0] == "a=T,U=1,q=2,i=1193046,f=100,c=6,r=2,m=1"
    assert {keys for keys, _ in parts[1:-1]} == {"m=1"}
    assert parts[-1][0] == "m=0"
    assert max(len(part) for _, part in parts) <= 4096
    assert standard_b64decode("".join(part for _, part in parts)) == data


def test_a_picture_of_one_part_says_so_at_once() -> None:
    sent = kitty.transmit(1, Picture(1, 1, bytes(4)), 1, 1)

    assert [keys.rpartition(",")[2] for keys, _ in _SEQUENCE.findall(sent)] == ["m=0"]


def test_each_cell_says_which_part_of_which_picture_it_is() -> None:
    rows = kitty.draw(0x0A0B0C, 3, 2)

    # Row and column, as the protocol numbers them.
    zero, one, two = "\u0305", "\u030d", "\u030e"
    cell = "\U0010eeee"
    assert [segment.text for row in rows for segment in row] == [
        f"{cell}{zero}{zero}{cell}{zero}{one}{cell}{zero}{two}",
        f"{cell}{one}{zero}{cell}{one}{one}{cell}{one}{two}",
    ]
    style = rows[0][0].style
    assert style is not None
    assert style.color is not None
    assert style.color.name == "#0a0b0c"


def test_a_picture_has_as_many_cells_as_the_protocol_can_number() -> None:
    (row, *_) = kitty.draw(1, 1_000, 1)

    assert kitty.MAX_CELLS == 297
    assert len(row[0].text) == 297 * 3
    # Some of its table, by their numbers, and the last one.
    assert row[0].text[2::3][120:123] == "\u0823\u0825\u0826"
    assert row[0].text[-1] == "\U0001d244"


def test_a_cell_is_as_wide_as_its_text_says() -> None:
    (row, *_) = kitty.draw(1, kitty.MAX_CELLS, 1)

    assert cell_len(row[0].text) == kitty.MAX_CELLS


def test_a_picture_that_is_gone_is_forgotten() -> None:
    assert kitty.forget(7) == "\x1b_Ga=d,d=I,i=7,q=2\x1b\\"
