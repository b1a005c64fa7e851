"""Lists with a filter: typing narrows them, and Enter takes the highlighted option."""

from collections.abc import Sequence

import pytest
from textual.app import App
from textual.content import Content

from chat_tui.ui.dialogs.picker import FilterPicker
from support.tui_pilot import screen_text

pytestmark = pytest.mark.asyncio

FRUIT = ("apple", "apricot", "banana")


class Fruit(FilterPicker[str]):
    def __init__(self) -> None:
        super().__init__("Fruit", "its name", keys="Enter: take", nothing="No fruit matches.")

    def matching(self, typed: str) -> Sequence[tuple[str, Content]]:
        return [(name, Content(f"a row for {name}")) for name in FRUIT if name.startswith(typed)]


@pytest.mark.parametrize(
    ("keys", "choice"),
    [
        (["enter"], "apple"),
        (["down", "down", "enter"], "banana"),
        (["down", "up", "enter"], "apple"),
        (["a", "p", "r", "enter"], "apricot"),
    ],
)
async def test_keys_choose_an_option(keys: list[str], choice: str) -> None:
    app, choices = App[None](), list[str | None]()
    async with app.run_test() as pilot:
        app.push_screen(Fruit(), choices.append)
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()

    assert choices == [choice]


async def test_where_nothing_matches_it_says_so_and_enter_does_nothing() -> None:
    app, choices = App[None](), list[str | None]()
    async with app.run_test() as pilot:
        app.push_screen(Fruit(), choices.append)
        await pilot.pause()
        await pilot.press("x", "enter")
        await pilot.pause()

        assert "No fruit matches." in screen_text(app)
        assert choices == []
