"""Alt keys as terminals without the Kitty protocol send them.

Textual reads ESC 1 as the character that Option+1 types on a Mac, and ESC CR
as Enter. Here the first is Alt+1, which types nothing, and the second
Alt+Enter, which begins a new line instead of sending half a message.
"""

from enum import StrEnum

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS


class _AltEnter(StrEnum):
    ALT_ENTER = "alt+enter"


def patch_keys() -> None:
    """Correct Textual's table of keys. May be called again."""
    table: dict[str, object] = ANSI_SEQUENCES_KEYS  # type: ignore[assignment]
    for digit in "0123456789":
        table.pop(f"\x1b{digit}", None)
    table["\x1b\r"] = (_AltEnter.ALT_ENTER,)
