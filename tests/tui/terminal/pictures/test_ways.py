"""Which terminal shows pictures how."""

import pytest

from chat_tui.terminal.pictures.abilities import Abilities
from chat_tui.terminal.pictures.ways import Choice, Way, chooser

NOTHING = Abilities()
SIXEL = Abilities(has_sixel=True)
KITTY = Abilities(knows_placeholders=True, has_kitty=True)


@pytest.mark.parametrize(
    ("choice", "abilities", "colors", "ways"),
    [
        ("auto", NOTHING, "truecolor", ("blocks", "blocks")),
        ("auto", SIXEL, "truecolor", ("blocks", "sixel")),
        ("auto", SIXEL, "256", ("blocks", "sixel")),
        ("auto", KITTY, "truecolor", ("kitty", "kitty")),
        ("auto", KITTY, "256", ("blocks", "blocks")),  # its color would be another number
        ("kitty", NOTHING, "256", ("blocks", "blocks")),
        ("kitty", NOTHING, "truecolor", ("kitty", "kitty")),
        ("sixel", KITTY, "truecolor", ("blocks", "sixel")),
        ("sixel", NOTHING, "truecolor", ("blocks", "sixel")),
        ("blocks", KITTY, "truecolor", ("blocks", "blocks")),
        ("blocks", SIXEL, "truecolor", ("blocks", "blocks")),
        ("none", KITTY, "truecolor", ("none", "none")),
    ],
)
def test_people_may_choose(
    choice: Choice, abilities: Abilities, colors: str, ways: tuple[Way, Way]
) -> None:
    assert chooser(choice, {"TERM": "xterm-256color"}, colors)(abilities) == ways


@pytest.mark.parametrize(
    ("choice", "variables", "colors"),
    [
        ("auto", {"TERM": "xterm"}, "standard"),
        ("auto", {"TERM": "xterm"}, None),
        ("auto", {"TERM": "vt220"}, "256"),
        ("auto", {}, "256"),
        ("blocks", {"TERM": "xterm-kitty", "NO_COLOR": "1"}, "truecolor"),
        ("sixel", {"TERM": "dumb"}, "truecolor"),
    ],
)
def test_without_enough_colors_there_are_none(
    choice: Choice, variables: dict[str, str], colors: str | None
) -> None:
    assert chooser(choice, variables, colors)(SIXEL) == ("none", "none")
