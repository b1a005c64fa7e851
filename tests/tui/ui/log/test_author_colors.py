"""Names in colours: the same for everyone, and readable on every theme."""

from itertools import combinations

import pytest
from hypothesis import given, strategies as st
from rich.color import Color as RichColor, ColorSystem
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from chat_tui.ui.log.author_colors import (
    AUTHOR_PARTS,
    ON_DARK,
    ON_LIGHT,
    AuthorColors,
    author_css,
)
from support.tui_colors import difference

THEMES = [theme for theme in BUILTIN_THEMES.values() if not theme.ansi]


def luminance(color: Color) -> float:
    """WCAG 2.1, relative luminance."""
    linear = [
        value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4
        for value in color.normalized
    ]
    return sum(
        weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True)
    )


def test_a_name_keeps_its_color_whatever_its_case() -> None:
    room = AuthorColors()
    assert room.part("Ada") == room.part("ada") == "author-0"
    assert AuthorColors().part("ADA") == "author-0"


@given(st.lists(st.text(min_size=1), unique_by=str.casefold, max_size=len(AUTHOR_PARTS)))
def test_no_two_authors_of_a_room_look_alike(names: list[str]) -> None:
    room = AuthorColors()
    parts = [room.part(name) for name in names]
    assert len(set(parts)) == len(parts)
    assert [room.part(name) for name in names] == parts


def test_in_a_crowd_those_who_write_one_after_the_other_differ() -> None:
    room = AuthorColors()
    parts = [room.part(f"user{n}") for n in range(200)]
    for last in range(len(AUTHOR_PARTS), len(parts) + 1):
        assert len(set(parts[last - len(AUTHOR_PARTS) : last])) == len(AUTHOR_PARTS)


@pytest.mark.parametrize("theme", [":dark", ":light", ":ansi:dark", ":ansi:light"])
def test_every_part_has_a_look_of_its_own(theme: str) -> None:
    rules = [rule for rule in author_css("Log").split("\n") if rule.startswith(f"Log{theme} ")]
    looks = {rule.partition("{")[2] for rule in rules}
    assert len(rules) == len(looks) == len(AUTHOR_PARTS)


@pytest.mark.parametrize("system", [ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT])
@pytest.mark.parametrize("colors", [ON_DARK, ON_LIGHT], ids=["dark", "light"])
def test_no_two_colors_look_alike_nor_grey(colors: tuple[str, ...], system: ColorSystem) -> None:
    shown = [RichColor.parse(color).downgrade(system).get_truecolor() for color in colors]
    assert min(difference(one, other) for one, other in combinations(shown, 2)) > 0.06
    assert all(max(color) - min(color) >= 30 for color in shown)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_color_can_be_read_on_every_theme(theme: Theme) -> None:
    ground = Color.parse(theme.to_color_system().generate()["background"])
    for color in map(Color.parse, ON_DARK if theme.dark else ON_LIGHT):
        light, dark = sorted((luminance(color), luminance(ground)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5
