import pytest

from chat_tui.ui.widgets.checkbox import TickBox
from support.tui_host import hosting
from support.tui_pilot import until

pytestmark = pytest.mark.asyncio


async def test_whether_it_is_ticked_is_seen_without_colours() -> None:
    async with hosting(TickBox("Keep me", compact=True)) as (host, pilot):
        await until(pilot, lambda: "[ ] Keep me" in host.text())
        await pilot.press("space")
        await until(pilot, lambda: "[x] Keep me" in host.text())
        await pilot.press("enter")
        await until(pilot, lambda: "[ ] Keep me" in host.text())
