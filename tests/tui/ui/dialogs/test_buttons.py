"""Every button of every dialog is in view, whole, at every size of the terminal."""

import pytest
from textual.widgets import Button

from support.fake_server import FakeServer
from support.tui_chat import Client, chatting
from support.tui_dialogs import DIALOGS

pytestmark = pytest.mark.asyncio


def _clipped(running: Client) -> list[str]:
    """Return the labels of buttons that are not seen whole."""
    screen = running.app.screen
    return [
        str(button.label)
        for button in screen.query(Button)
        if screen.find_widget(button).visible_region.size != button.outer_size
        or button.content_size.width < len(str(button.label))
    ]


@pytest.mark.parametrize("size", [(40, 24), (80, 24), (100, 35), (120, 35), (200, 60)], ids=str)
async def test_no_button_is_clipped(size: tuple[int, int]) -> None:
    async with chatting(FakeServer(), size=size) as running:
        for name, dialog in DIALOGS.items():
            await running.app.push_screen(dialog())
            await running.until(lambda: running.app.screen.query(Button))
            await running.pilot.pause()
            assert _clipped(running) == [], name
            await running.press("escape")
