"""Every button of every dialog is completely visible at every terminal size, and no text is cut."""

import pytest
from textual.color import Color
from textual.widgets import Button, Label

from support.fake_server import FakeServer
from support.tui_chat import Client, client
from support.tui_dialogs import DIALOGS, show_dialog

pytestmark = pytest.mark.asyncio

SIZES = [(40, 15), (60, 20), (40, 24), (80, 24), (100, 35), (120, 35), (200, 60)]


def _clipped(running: Client) -> list[str]:
    """Return the labels of buttons that are shown, and not completely visible."""
    screen = running.app.screen
    return [
        str(button.label)
        for button in screen.query(Button)
        if button.display
        if screen.find_widget(button).visible_region.size != button.outer_size
        or button.content_size.width < len(str(button.label))
    ]


def _cut(running: Client) -> list[str]:
    """Return the texts that are higher than their place."""
    screen = running.app.screen
    return [
        str(label.content)
        for label in screen.query(Label)
        if label.display
        if label.get_content_height(screen.size, screen.size, label.content_size.width)
        > label.content_size.height
    ]


# Without colors, the edges of a button are lines.
@pytest.mark.parametrize(("colors", "sizes"), [(True, SIZES), (False, [(40, 15), (80, 24)])])
async def test_no_button_is_clipped_and_no_text_is_cut(
    sizes: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch, *, colors: bool
) -> None:
    if not colors:
        monkeypatch.setenv("NO_COLOR", "1")
    async with client(FakeServer(), size=sizes[0]) as running:
        for size in sizes:
            await running.pilot.resize_terminal(*size)
            for name, dialog in DIALOGS.items():
                await show_dialog(running, dialog())
                assert running.app.screen.size == size
                assert running.app.screen.query(Button)
                assert _clipped(running) == [], f"{name} at {size}"
                assert _cut(running) == [], f"{name} at {size}"


async def test_every_dialog_has_a_button_that_closes_it_without_a_result() -> None:
    async with client(FakeServer()) as running:
        below = running.app.screen
        for name, dialog in DIALOGS.items():
            results: list[object] = []
            await running.app.push_screen(dialog(), results.append)
            await running.settle()

            running.app.screen.query("#done, #cancel, #away, #no").only_one(Button).press()

            await running.settle()
            assert running.app.screen is below, name
            assert results == [None], name


async def test_a_dialog_whose_button_is_red_has_a_red_frame() -> None:
    async with client(FakeServer()) as running:
        red = Color.parse(running.app.theme_variables["error"])
        for name, dialog in DIALOGS.items():
            await show_dialog(running, dialog())

            frame = running.app.screen.query_one(".dialog").styles.border_top[1]
            assert (frame == red) == bool(running.app.screen.query("Button.-error")), name
