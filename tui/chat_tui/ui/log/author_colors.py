"""A color for every author of a room, the same one for as long as the room is shown.

Twelve hues of about one lightness (OKLCH 0.8 to 0.85 on dark themes, 0.4 to 0.47 on light
ones), so that no name stands out and each has a contrast of at least 4.5:1 on the backgrounds
of the client's themes. A terminal of 256 colors shows the nearest of its own, which is why
the hues are not evenly spaced: these stay apart there too. Italics double them. Of a
terminal's own sixteen colors only those are used that xterm shows legibly, and text styles
multiply them, so that there are as many looks.
"""

from collections.abc import Iterator
from typing import Final
from zlib import crc32

ON_DARK: Final = (
    "#f3aa85", "#efc55e", "#c1c195", "#92d36c", "#a7deac", "#5fecaf",
    "#23dbc1", "#26defd", "#9bc2ea", "#d7c3f4", "#ed9bf4", "#f2a7cc",
)  # fmt: skip
ON_LIGHT: Final = (
    "#87013a", "#a9170a", "#762f06", "#605e17", "#115702", "#1f5960",
    "#1157a4", "#192eb6", "#550faa", "#8323a5", "#652f66", "#a00074",
)  # fmt: skip
ON_ANSI_DARK: Final = (
    "bright_red", "bright_yellow", "green", "bright_cyan", "bright_magenta",
)  # fmt: skip
ON_ANSI_LIGHT: Final = ("red", "blue", "magenta", "black")
_ANSI_STYLES: Final = (
    "bold", "bold underline", "bold italic", "bold italic underline", "italic", "underline",
)  # fmt: skip
_HUES: Final = len(ON_DARK)
_STYLES: Final = ("bold", "bold italic")

AUTHOR_PARTS: Final = tuple(f"author-{n}" for n in range(_HUES * len(_STYLES)))


class AuthorColors:
    """Assigns the authors of one room to `AUTHOR_PARTS`.

    An author gets the hue of their name, which is the same in every room, unless someone
    in this room has it: then the next free one. With more authors than looks, the look that
    was assigned longest ago is shared, so that those who write at the same time differ.
    """

    def __init__(self) -> None:
        self._parts: dict[str, str] = {}
        self._assigned_at = dict.fromkeys(AUTHOR_PARTS, 0)

    def part(self, author: str) -> str:
        """Return which of `AUTHOR_PARTS` colors `author`."""
        name = author.casefold()
        if name not in self._parts:
            self._parts[name] = self._assign(name)
        return self._parts[name]

    def _assign(self, name: str) -> str:
        # The first of those that were assigned longest ago.
        part = min(_preferred(name), key=self._assigned_at.__getitem__)
        self._assigned_at[part] = len(self._parts) + 1
        return part


def _preferred(name: str) -> Iterator[str]:
    """Yield all parts, beginning with the hue of `name`."""
    first = crc32(name.encode()) % _HUES
    for style in range(len(_STYLES)):
        for hue in range(first, first + _HUES):
            yield AUTHOR_PARTS[style * _HUES + hue % _HUES]


def author_css(widget: str) -> str:
    """Return the rules for the component classes of `widget`, for every kind of theme."""
    return "\n".join(
        f"{widget}{theme} > .message-log--{part} {{ color: {color}; text-style: {style}; }}"
        for n, part in enumerate(AUTHOR_PARTS)
        for theme, color, style in (
            (":dark", ON_DARK[n % _HUES], _STYLES[n // _HUES]),
            (":light", ON_LIGHT[n % _HUES], _STYLES[n // _HUES]),
            (":ansi:dark", *_ansi(ON_ANSI_DARK, n)),
            (":ansi:light", *_ansi(ON_ANSI_LIGHT, n)),
        )
    )


def _ansi(colors: tuple[str, ...], n: int) -> tuple[str, str]:
    """Return color and style number `n`; the style changes once all colors are used."""
    return f"ansi_{colors[n % len(colors)]}", _ANSI_STYLES[n // len(colors)]
