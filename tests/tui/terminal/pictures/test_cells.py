"""How many pixels a cell has."""

import os
import pty
import struct
import termios
from fcntl import ioctl

import pytest

from chat_tui.terminal.pictures.cells import cell_of, cell_size, plausible


def test_cells_are_as_large_as_the_terminal_says() -> None:
    master, terminal = pty.openpty()
    try:
        ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 960, 600))
        assert cell_size(terminal) == (12, 25)
    finally:
        os.close(master)
        os.close(terminal)


@pytest.mark.parametrize(
    ("cells", "pixels"),
    [((80, 24), (0, 0)), ((0, 0), (800, 480)), ((80, 24), (8, 480)), ((1, 1), (65535, 65535))],
)
def test_a_size_that_cannot_be_is_unknown(cells: tuple[int, int], pixels: tuple[int, int]) -> None:
    assert cell_of(cells, pixels) is None


def test_no_cell_has_no_pixels_or_more_than_a_hundred() -> None:
    assert [plausible(cell) for cell in [(100, 1), (101, 20), (0, 20)]] == [(100, 1), None, None]


def test_what_is_no_terminal_has_no_cells() -> None:
    read, write = os.pipe()
    try:
        assert cell_size(read) is None
    finally:
        os.close(read)
        os.close(write)
