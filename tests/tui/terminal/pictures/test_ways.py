"""Which terminal shows pictures how."""

import os
import pty
import struct
import termios
from fcntl import ioctl

import pytest

from chat_tui.terminal.pictures.ways import Choice, cell_of, cell_size, chosen_way


@pytest.mark.parametrize(
    ("choice", "variables", "colors", "way"),
    [
        ("auto", {"TERM": "xterm-kitty"}, "truecolor", "blocks"),  # it may be an old one
        ("kitty", {"TERM": "xterm-kitty"}, "256", "blocks"),  # its color would be another number
        ("auto", {"TERM": "foot"}, "truecolor", "blocks"),
        ("auto", {"TERM": "xterm"}, "standard", "none"),
        ("auto", {"TERM": "vt220"}, "256", "none"),
        ("kitty", {"TERM": "xterm-256color"}, "truecolor", "kitty"),
        ("blocks", {"TERM": "xterm-kitty"}, "truecolor", "blocks"),
        ("blocks", {"TERM": "xterm-kitty", "NO_COLOR": "1"}, "truecolor", "none"),
        ("blocks", {"TERM": "dumb"}, "truecolor", "none"),
        ("none", {"TERM": "xterm-kitty"}, "truecolor", "none"),
    ],
)
def test_people_may_choose(
    choice: Choice, variables: dict[str, str], colors: str, way: str
) -> None:
    assert chosen_way(choice, variables, colors) == way


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
def test_a_size_that_cannot_be_true_is_the_usual_one(
    cells: tuple[int, int], pixels: tuple[int, int]
) -> None:
    assert cell_of(cells, pixels) == (10, 20)


def test_what_is_no_terminal_has_cells_of_the_usual_size() -> None:
    read, write = os.pipe()
    try:
        assert cell_size(read) == (10, 20)
    finally:
        os.close(read)
        os.close(write)
