"""QR codes as rows of half blocks: each character shows two modules, one above the other. Pure."""

from typing import Final

# Modules that stay white around the code, as ISO/IEC 18004 demands.
QUIET: Final = 4

# By whether the upper and the lower module are dark.
_BLOCKS: Final = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}


def half_blocks(text: str) -> list[str]:
    """Return the rows of a QR code that says `text`; blocks are dark, and all else is white."""
    # Imported here: it is needed once in a while, and takes as long as drawing a screen.
    import segno

    rows = [list(row) for row in segno.make(text, error="l", micro=False).matrix_iter(border=QUIET)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    return [
        "".join(_BLOCKS[bool(upper), bool(lower)] for upper, lower in zip(*pair, strict=True))
        for pair in zip(rows[::2], rows[1::2], strict=True)
    ]
