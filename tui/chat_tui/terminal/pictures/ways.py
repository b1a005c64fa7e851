"""How this terminal shows pictures, and how many pixels its cells have."""

import fcntl
import struct
import termios
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

# By kitty's protocol; by sixel; by half blocks; or not at all.
Way: TypeAlias = Literal["kitty", "sixel", "blocks", "none"]

_KITTY: Final = ("xterm-kitty", "xterm-ghostty")
_SIXEL: Final = ("foot", "mlterm", "contour", "yaft")  # what TERM begins with
_SIXEL_PROGRAMS: Final = ("WezTerm", "mintty", "iTerm.app")  # TERM_PROGRAM
_WITHOUT_COLORS: Final = ("dumb", "linux", "vt")

# Of most terminals in most sizes.
_USUAL_CELL: Final = (10, 20)
_LARGEST_CELL: Final = 100  # pixels: a terminal may say anything


def way_of(variables: Mapping[str, str]) -> Way:
    """Return the best way for a terminal, by its environment variables.

    A multiplexer passes on text only: there it is half blocks.
    """
    term = variables.get("TERM", "")
    if variables.get("NO_COLOR") or not term or term.startswith(_WITHOUT_COLORS):
        return "none"
    if variables.get("TMUX") or term.startswith(("screen", "tmux")):
        return "blocks"
    if term in _KITTY or variables.get("KITTY_WINDOW_ID"):
        return "kitty"
    if term.startswith(_SIXEL) or variables.get("TERM_PROGRAM") in _SIXEL_PROGRAMS:
        return "sixel"
    return "blocks"


def cell_size(terminal: int) -> tuple[int, int]:
    """Return the width and height of a cell in pixels, as the system knows of `terminal`."""
    try:
        answer = fcntl.ioctl(terminal, termios.TIOCGWINSZ, bytes(8))
    except OSError:
        return _USUAL_CELL
    rows, columns, width, height = struct.unpack("HHHH", answer)
    return cell_of((columns, rows), (width, height))


def cell_of(cells: tuple[int, int], pixels: tuple[int, int]) -> tuple[int, int]:
    """Return the size of a cell of a screen with so many cells and pixels, as far as they say."""
    if not all(cells):
        return _USUAL_CELL
    width, height = pixels[0] // cells[0], pixels[1] // cells[1]
    if 1 <= width <= _LARGEST_CELL and 1 <= height <= _LARGEST_CELL:
        return width, height
    return _USUAL_CELL
