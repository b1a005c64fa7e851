"""How many pixels the cells of a terminal have."""

import fcntl
import struct
import termios
from typing import Final, TypeAlias

Cell: TypeAlias = tuple[int, int]
"""Width and height in pixels."""

# Of most terminals in most sizes.
USUAL_CELL: Final = (10, 20)
_LARGEST_CELL: Final = 100  # pixels: a terminal may say anything


def cell_size(terminal: int) -> Cell | None:
    """Return the size of a cell, if the system knows it of `terminal`, a file descriptor."""
    try:
        answer = fcntl.ioctl(terminal, termios.TIOCGWINSZ, bytes(8))
    except OSError:
        return None
    rows, columns, width, height = struct.unpack("HHHH", answer)
    return cell_of((columns, rows), (width, height))


def cell_of(cells: tuple[int, int], pixels: tuple[int, int]) -> Cell | None:
    """Return the size of a cell of a screen with so many cells and pixels, if that can be."""
    if not all(cells):
        return None
    return plausible((pixels[0] // cells[0], pixels[1] // cells[1]))


def plausible(cell: Cell) -> Cell | None:
    """Return `cell`, unless none has that size."""
    return cell if all(1 <= pixels <= _LARGEST_CELL for pixels in cell) else None
