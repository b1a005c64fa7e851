"""A colour for every name, the same one in every room and on every day.

Twelve hues at one lightness (OKLCH 0.83 on dark themes, 0.42 on light ones),
so that no name shouts and each keeps a contrast of at least 5:1 on the
background of every theme that comes with Textual. Terminals with colours of
their own get those, without the ones that vanish on a bright or dark ground.
"""

from zlib import crc32

ON_DARK = (
    "#ffadb2", "#feb391", "#eebe7c", "#d1cb7d", "#abd694", "#8bdcb1",
    "#74ddd0", "#73d8f0", "#8fcfff", "#b4c3ff", "#d6b7fc", "#f4aedc",
)  # fmt: skip
ON_LIGHT = (
    "#802c38", "#7e3307", "#704100", "#574f00", "#2f5a0b", "#005f36",
    "#006055", "#005b74", "#005187", "#3c458b", "#5c3a7f", "#742f60",
)  # fmt: skip
ON_ANSI_DARK = ("cyan", "bright_magenta", "green", "bright_blue", "yellow", "bright_cyan")
ON_ANSI_LIGHT = ("cyan", "magenta", "green", "blue", "red", "bright_black")

AUTHOR_PARTS = tuple(f"author-{n}" for n in range(len(ON_DARK)))


def author_part(name: str) -> str:
    """Return which of `AUTHOR_PARTS` colours `name`."""
    return AUTHOR_PARTS[crc32(name.casefold().encode()) % len(AUTHOR_PARTS)]


def author_css(widget: str) -> str:
    """Return the rules that colour the component classes of `widget`, for every kind of theme."""
    return "\n".join(
        f"{widget}{theme} > .message-log--{part} {{ color: {color}; text-style: bold; }}"
        for n, part in enumerate(AUTHOR_PARTS)
        for theme, color in (
            (":dark", ON_DARK[n]),
            (":light", ON_LIGHT[n]),
            (":ansi:dark", f"ansi_{ON_ANSI_DARK[n % len(ON_ANSI_DARK)]}"),
            (":ansi:light", f"ansi_{ON_ANSI_LIGHT[n % len(ON_ANSI_LIGHT)]}"),
        )
    )
