"""The palette of each theme."""

import pytest
from rich.color import Color, ColorSystem

from chat_tui.themes import themes_for

NAMES = ["trialogue-dark", "trialogue-light", "ansi-dark", "ansi-light"]


@pytest.mark.parametrize("terminal", ["truecolor", "256", "standard", "windows", None])
@pytest.mark.parametrize("no_color", [False, True])
def test_the_names_are_the_same_on_every_terminal(terminal: str | None, no_color: bool) -> None:
    assert [theme.name for theme in themes_for(terminal, no_color=no_color)] == NAMES


@pytest.mark.parametrize("terminal", ["standard", "windows", None])
def test_a_terminal_of_few_colors_keeps_its_own(terminal: str | None) -> None:
    assert all(theme.ansi for theme in themes_for(terminal))
    assert all(theme.ansi for theme in themes_for("truecolor", no_color=True))


def test_the_grounds_stay_apart_and_grey_in_256_colors() -> None:
    for theme in themes_for("256")[:2]:
        grounds = [theme.background, theme.surface, theme.panel]
        shown = [Color.parse(ground or "").downgrade(ColorSystem.EIGHT_BIT) for ground in grounds]
        numbers = [color.number or 0 for color in shown]
        assert len(set(numbers)) == 3
        # The greys of the table, and white; the rest of it is a cube of colors.
        assert all(number >= 231 for number in numbers)


@pytest.mark.parametrize(
    ("terminal", "system"), [("truecolor", ColorSystem.TRUECOLOR), ("256", ColorSystem.EIGHT_BIT)]
)
def test_a_field_looks_different_when_it_is_chosen_and_when_it_is_wrong(
    terminal: str, system: ColorSystem
) -> None:
    for theme in themes_for(terminal)[:2]:
        fields = [
            theme.panel or "",
            theme.variables["primary-muted"],
            theme.variables["error-muted"],
        ]
        assert len({Color.parse(each).downgrade(system) for each in fields}) == 3
