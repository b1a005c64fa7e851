"""On a small terminal, or a phone, the form shows its buttons and the field with the focus."""

import pytest
from textual.widgets import Button

from support.fake_server import FakeServer
from support.tui_chat import PASSWORD, Client, client

pytestmark = pytest.mark.asyncio


def _clipped(running: Client) -> list[str]:
    """Return what of the buttons and of the focused field is not completely visible."""
    screen = running.app.screen
    widgets = [*screen.query(Button), screen.focused]
    return [
        str(widget)
        for widget in widgets
        if widget is not None
        and screen.find_widget(widget).visible_region.size != widget.outer_size
    ] + [
        str(button.label)
        for button in screen.query(Button)
        if button.content_size.width - 2 * button.styles.line_pad < len(str(button.label))
    ]


@pytest.mark.parametrize("colors", [True, False])
@pytest.mark.parametrize("size", [(40, 15), (60, 20), (80, 24), (40, 40), (48, 40)])
async def test_the_buttons_are_in_view_and_so_is_what_is_typed(
    size: tuple[int, int], colors: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not colors:
        monkeypatch.setenv("NO_COLOR", "1")
    async with client(FakeServer(), size=size) as running:
        await running.until(lambda: not _clipped(running))

        await running.press("f2")
        for _ in range(4):
            await running.press("tab")
            await running.until(lambda: not _clipped(running))


@pytest.mark.parametrize("size", [(40, 15), (80, 24)])
async def test_an_error_on_a_small_terminal_is_in_view(size: tuple[int, int]) -> None:
    async with client(FakeServer(), size=size) as running:
        await running.enter(PASSWORD)
        await running.sees("To create it, repeat")
        await running.sees("Log in instead")
        await running.until(lambda: not _clipped(running))
        await running.enter("something else")
        await running.sees("The passwords don't match.")
