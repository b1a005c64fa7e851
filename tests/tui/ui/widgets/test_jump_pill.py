import pytest

from chat_tui.ui.messages import NewestRequested
from chat_tui.ui.widgets.jump_pill import JumpPill
from support.tui_host import hosting
from support.tui_pilot import until

pytestmark = pytest.mark.asyncio


async def test_it_shows_what_is_new_below_and_a_click_goes_there() -> None:
    pill = JumpPill()
    async with hosting(pill, (40, 3)) as (host, pilot):
        assert not pill.display
        pill.following = False
        await until(pilot, lambda: "↓ End" in host.text())
        pill.new_below = 1_234
        await until(pilot, lambda: "↓ 1,234 new · End" in host.text())
        await pilot.click(JumpPill)

        await until(pilot, lambda: host.of(NewestRequested))
        pill.following = True
        await until(pilot, lambda: "End" not in host.text())
