"""How this terminal shows pictures, and how many pixels its cells have."""

import fcntl
import struct
import termios
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

# By kitty's protocol; by sixel; by half blocks; or not at all.
Way: TypeAlias = Literal["kitty", "sixel", "blocks", "none"]

# What people may choose. By sixel, a picture is no text: parts of it that something else covers
# would have to be drawn again.
Choice: TypeAlias = Literal["auto", "kitty", "blocks", "none"]

_KITTY: Final = ("xterm-kitty", "xterm-ghostty")
_SIXEL: Final = ("foot", "mlterm", "contour", "yaft")  # what TERM begins with
_SIXEL_PROGRAMS: Final = ("WezTerm", "mintty", "iTerm.app")  # TERM_PROGRAM
_ENOUGH_COLORS: Final = ("256", "truecolor")
_WITHOUT_COLORS: Final = ("dumb", "linux", "vt")

# Of most terminals in most sizes.
USUAL_CELL: Final = (10, 20)
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


def chosen_way(choice: Choice, variables: Mapping[str, str], color_system: str | None) -> Way:
    """Return how to draw pictures among text that scrolls, in so many colors (as Rich has them)."""
    if choice == "none" or variables.get("NO_COLOR") or variables.get("TERM") == "dumb":
        return "none"
    if color_system not in _ENOUGH_COLORS or (choice == "auto" and way_of(variables) == "none"):
        return "none"
    # Kitty before 0.28 shows the cells of a picture as boxes, and its environment does not tell.
    # The number of a picture is the color of its cells, which must arrive as it is.
    return "kitty" if choice == "kitty" and color_system == "truecolor" else "blocks"


def cell_size(terminal: int) -> tuple[int, int]:
    """Return the width and height of a cell in pixels, as the system knows of `terminal`."""
    try:
        answer = fcntl.ioctl(terminal, termios.TIOCGWINSZ, bytes(8))
    except OSError:
        return USUAL_CELL
    rows, columns, width, height = struct.unpack("HHHH", answer)
    return cell_of((columns, rows), (width, height))


def cell_of(cells: tuple[int, int], pixels: tuple[int, int]) -> tuple[int, int]:
    """Return the size of a cell of a screen with so many cells and pixels, as far as they say."""
    if not all(cells):
        return USUAL_CELL
    width, height = pixels[0] // cells[0], pixels[1] // cells[1]
    if 1 <= width <= _LARGEST_CELL and 1 <= height <= _LARGEST_CELL:
        return width, height
    return USUAL_CELL
