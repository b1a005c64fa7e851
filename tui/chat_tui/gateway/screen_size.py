"""How large a screen is drawn, whatever size a terminal claims to have."""

from typing import Final

from chat_tui.gateway.frames import Size
from chat_tui.terminal.pictures.cells import plausible
from chat_tui.terminal.size_limits import limited

USUAL: Final = Size(80, 24)  # for a terminal that does not say


def drawn_of(size: Size) -> Size:
    """Return the size of what is drawn in a terminal of `size`."""
    return screen_size(size.columns, size.lines, size.cell)


def screen_size(columns: int, lines: int, cell: tuple[int, int] = (0, 0)) -> Size:
    """Return the size as it is drawn; terminals may claim anything. `cell` is in pixels."""
    drawn = limited(columns or USUAL.columns, lines or USUAL.lines)
    return Size(*drawn, plausible(cell) or USUAL.cell)
