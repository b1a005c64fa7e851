import pytest

from support.tui_chat import chatting, fake_with

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("line", ["/reply 3 Yes!", "/edit 3 No.", "/delete 3", "/react 3 tada"])
async def test_a_command_by_number_says_how_to_select_and_stays(line: str) -> None:
    async with chatting(fake_with()) as running:
        await running.enter(line)

        await running.sees("Select the message first (Ctrl+L, or a click).")
        assert running.typed == line
