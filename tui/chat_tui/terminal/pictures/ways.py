"""How this terminal shows pictures, and how many pixels its cells have."""

import fcntl
import struct
import termios
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

# By kitty's protocol; by half blocks; or not at all.
Way: TypeAlias = Literal["kitty", "blocks", "none"]

# What people may choose. Not sixel, by which a picture is no text: what something else has covered
# would have to be drawn again.
Choice: TypeAlias = Literal["auto", "kitty", "blocks", "none"]

_ENOUGH_COLORS: Final = ("256", "truecolor")
_WITHOUT_COLORS: Final = ("dumb", "linux", "vt")

# Of most terminals in most sizes.
USUAL_CELL: Final = (10, 20)
_LARGEST_CELL: Final = 100  # pixels: a terminal may say anything


def chosen_way(choice: Choice, variables: Mapping[str, str], color_system: str | None) -> Way:
    """Return how to draw pictures among text that scrolls, in so many colors (as Rich has them)."""
    term = variables.get("TERM", "")
    if choice == "none" or variables.get("NO_COLOR") or term == "dumb":
        return "none"
    if color_system not in _ENOUGH_COLORS:
        return "none"
    if choice == "auto" and (not term or term.startswith(_WITHOUT_COLORS)):
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
