import pytest
from textual.color import Color
from textual.theme import Theme

from chat_tui.themes import DARK, LIGHT

_LEGIBLE = 4.5  # WCAG 2.2, contrast (minimum)


def contrast(one: str | None, other: str | None) -> float:
    assert one
    assert other
    lights = sorted(_luminance(Color.parse(colour)) for colour in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(colour: Color) -> float:
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in colour.normalized
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_text_is_legible_on_every_ground(theme: Theme) -> None:
    for ground in (theme.background, theme.surface, theme.panel):
        for ink in (theme.foreground, theme.success, theme.warning, theme.error, theme.accent):
            assert contrast(ink, ground) >= _LEGIBLE, (ink, ground)
