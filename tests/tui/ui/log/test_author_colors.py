"""Names in colours: the same for everyone, and readable on every theme."""

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from chat_tui.ui.log.author_colors import AUTHOR_PARTS, ON_DARK, ON_LIGHT, author_part

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
    assert author_part("Ada") == author_part("ada") == "author-0"
    assert {author_part(f"user{n}") for n in range(200)} == set(AUTHOR_PARTS)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_color_can_be_read_on_every_theme(theme: Theme) -> None:
    ground = Color.parse(theme.to_color_system().generate()["background"])
    for color in map(Color.parse, ON_DARK if theme.dark else ON_LIGHT):
        light, dark = sorted((luminance(color), luminance(ground)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5
