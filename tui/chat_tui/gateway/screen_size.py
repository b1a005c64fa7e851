"""How large a screen is drawn, whatever size a terminal claims to have."""

from typing import Final

from chat_tui.gateway.frames import Size

# Cells of a screen, at most: what is drawn grows with it.
MAX_COLUMNS: Final = 240
MAX_LINES: Final = 80
USUAL: Final = Size(80, 24)  # for a terminal that does not say


def screen_size(columns: int, lines: int) -> Size:
    """Return the size as it is drawn; terminals may claim anything."""
    return Size(min(columns or USUAL.columns, MAX_COLUMNS), min(lines or USUAL.lines, MAX_LINES))
