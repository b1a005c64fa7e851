"""How large a screen may be that is drawn on somebody else's computer."""

from typing import Final

# Cells of a screen, at most: what is drawn grows with it, and terminals may claim any size.
MAX_COLUMNS: Final = 240
MAX_LINES: Final = 80


def limited(columns: int, lines: int) -> tuple[int, int]:
    return min(columns, MAX_COLUMNS), min(lines, MAX_LINES)
