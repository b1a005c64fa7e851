import pytest
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from chat_tui.terminal.steady_emoji import SteadyEmoji, is_needed, steady


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("a ❤️ b ☀️", "a ❤  b ☀ "),
        ("1️⃣ 2️⃣", "1\u20e3  2\u20e3 "),
        ("❤️‍🔥 🏳️‍🌈 👁️‍🗨️", "❤  🏳  👁 "),
        ("👋🏽 👩🏽‍💻", "👋 👩‍💻"),
        ("🏴‍☠️ 🚶‍♀️ ⌚️", "🏴‍☠ 🚶‍♀ ⌚"),
        ("👩‍💻 🇦🇺 汤 e\u0301 ❤", "👩‍💻 🇦🇺 汤 e\u0301 ❤"),
        ("\ufe0f", ""),
    ],
)
def test_what_is_drawn_has_the_same_cells_and_no_selector_or_tone(text: str, drawn: str) -> None:
    assert steady(text) == drawn
    assert cell_len(drawn) == cell_len(text)


def test_styles_stay() -> None:
    style = Style(bold=True, meta={"offset": (3, 4)})

    drawn = SteadyEmoji().apply([Segment("❤️", style), Segment("x")], Color(0, 0, 0))

    assert drawn == [Segment("❤ ", style), Segment("x")]


@pytest.mark.parametrize(
    ("environment", "needed"),
    [
        ({"TMUX": "/tmp/tmux-0/default,1,0", "TERM": "xterm-256color"}, True),
        ({"TERM": "tmux-256color"}, True),
        ({"TERM": "screen"}, True),
        ({"TERM": "xterm-256color", "TMUX": ""}, False),
        ({}, False),
    ],
)
def test_they_are_for_tmux_and_screen(environment: dict[str, str], needed: bool) -> None:
    assert is_needed(environment) == needed
