"""A color for every name, the same one in every room and on every day.

Twelve hues of one lightness (OKLCH 0.83 on dark themes, 0.42 on light ones), so that no
name stands out and each has a contrast of at least 4.5:1 on the backgrounds of the client's
themes. Of a terminal's own sixteen colors only those are used that xterm shows legibly, and
underlining doubles or triples them: two names look alike no more often than in the hues.
"""

from typing import Final
from zlib import crc32

ON_DARK: Final = (
    "#ffadb2", "#feb391", "#eebe7c", "#d1cb7d", "#abd694", "#8bdcb1",
    "#74ddd0", "#73d8f0", "#8fcfff", "#b4c3ff", "#d6b7fc", "#f4aedc",
)  # fmt: skip
ON_LIGHT: Final = (
    "#802c38", "#7e3307", "#704100", "#574f00", "#2f5a0b", "#005f36",
    "#006055", "#005b74", "#005187", "#3c458b", "#5c3a7f", "#742f60",
)  # fmt: skip
ON_ANSI_DARK: Final = (
    "bright_red", "bright_yellow", "green", "bright_cyan", "bright_magenta",
)  # fmt: skip
ON_ANSI_LIGHT: Final = ("red", "blue", "magenta", "black")
_STYLES: Final = ("bold", "bold underline", "bold italic")

AUTHOR_PARTS: Final = tuple(f"author-{n}" for n in range(len(ON_DARK)))


def author_part(name: str) -> str:
    """Return which of `AUTHOR_PARTS` colors `name`."""
    return AUTHOR_PARTS[crc32(name.casefold().encode()) % len(AUTHOR_PARTS)]


def author_css(widget: str) -> str:
    """Return the rules for the component classes of `widget`, for every kind of theme."""
    return "\n".join(
        f"{widget}{theme} > .message-log--{part} {{ color: {color}; text-style: {style}; }}"
        for n, part in enumerate(AUTHOR_PARTS)
        for theme, color, style in (
            (":dark", ON_DARK[n], "bold"),
            (":light", ON_LIGHT[n], "bold"),
            (":ansi:dark", *_ansi(ON_ANSI_DARK, n)),
            (":ansi:light", *_ansi(ON_ANSI_LIGHT, n)),
        )
    )


def _ansi(colors: tuple[str, ...], n: int) -> tuple[str, str]:
    """Return color and style number `n`; the style changes once all colors are used."""
    return f"ansi_{colors[n % len(colors)]}", _STYLES[n // len(colors)]
