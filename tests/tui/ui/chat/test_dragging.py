"""What is copied by a drag over messages and out of the log."""

import re

import pytest

from chat_tui.ui.log.message_log import MessageLog
from chat_tui.ui.widgets.composer import Composer
from support.tui_chat import Client, chatting, fake_with

pytestmark = pytest.mark.asyncio


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"line (\d+)", text)]


async def _drag(running: Client, start: tuple[int, int], end: tuple[int, int]) -> list[int]:
    """Drag between two points of the screen; return the numbers of the lines that are copied."""
    pilot = running.pilot
    await pilot.mouse_down(offset=start)
    await pilot.hover(offset=end)
    await pilot.mouse_up(offset=end)
    return _numbers(running.app.screen.get_selected_text() or "")


async def test_a_drag_out_of_the_log_selects_only_what_is_in_view() -> None:
    fake = fake_with()
    for n in range(150):
        fake.post("general", "linus", f"line {n}")
    async with chatting(fake) as running:
        await running.sees("line 149")
        await running.press("pageup", "pageup")
        await running.pilot.pause()
        log = running.app.screen.query_one(MessageLog)
        shown = log.scrollable_content_region
        middle = shown.y + shown.height // 2
        here = _numbers(running.row(middle))[0]
        start = (running.row(middle).index("line "), middle)
        end = (start[0] + len("line 99") - 1, middle)

        on_scrollbar = await _drag(running, start, (log.region.right - 1, middle + 1))
        into_list = await _drag(running, end, (2, middle - 1))
        composer = running.app.screen.query_one(Composer).region
        below = await _drag(running, start, (composer.x + 3, composer.y))
        above = await _drag(running, end, (shown.x + 3, shown.y - 1))

        assert on_scrollbar == [here, here + 1]
        assert into_list == [here - 1, here]
        assert below == list(range(here, here + shown.bottom - middle))
        assert above == list(range(here - (middle - shown.y), here + 1))
