"""How a terminal shows pictures."""

from collections.abc import Callable, Mapping
from typing import Final, Literal, NamedTuple, TypeAlias

from chat_tui.terminal.pictures.abilities import Abilities

# By kitty's protocol; by sixel; by half blocks; or not at all.
Way: TypeAlias = Literal["kitty", "sixel", "blocks", "none"]

# What people may choose.
Choice: TypeAlias = Literal["auto", "kitty", "sixel", "blocks", "none"]

_ENOUGH_COLORS: Final = ("256", "truecolor")
_WITHOUT_COLORS: Final = ("dumb", "linux", "vt")


class Ways(NamedTuple):
    """How pictures are drawn among text that scrolls, and on a screen of their own.

    By sixel, a picture is no text: it does not scroll with the log, nor come back when something
    has covered it. So it is for the latter.
    """

    log: Way
    large: Way


_NONE: Final = Ways("none", "none")

Choose: TypeAlias = Callable[[Abilities], Ways]
"""Returns how to draw on a terminal that can so much."""


def chooser(choice: Choice, variables: Mapping[str, str], color_system: str | None) -> Choose:
    """Return how to choose, in so many colors (as Rich has them).

    `auto` sends nothing to a terminal that it has not said it knows; the other choices are the
    word of a person.
    """
    if not _shows_pictures(choice, variables, color_system):
        return lambda _: _NONE

    def choose(abilities: Abilities) -> Ways:
        # The number of a picture is the color of its cells, which must arrive as it is.
        has_numbers = color_system == "truecolor"
        if has_numbers and (choice == "kitty" or (choice == "auto" and abilities.has_kitty)):
            return Ways("kitty", "kitty")
        if choice == "sixel" or (choice == "auto" and abilities.has_sixel):
            return Ways("blocks", "sixel")
        return Ways("blocks", "blocks")

    return choose


def _shows_pictures(choice: Choice, variables: Mapping[str, str], color_system: str | None) -> bool:
    term = variables.get("TERM", "")
    if choice == "none" or variables.get("NO_COLOR") or term == "dumb":
        return False
    if color_system not in _ENOUGH_COLORS:
        return False
    return choice != "auto" or bool(term and not term.startswith(_WITHOUT_COLORS))
