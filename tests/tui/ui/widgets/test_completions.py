import pytest

from chat_tui.ui.widgets.completions import Completions
from support.fake_server import FakeServer
from support.tui_chat import chatting

pytestmark = pytest.mark.asyncio


async def test_each_choice_has_one_row_however_long_its_description() -> None:
    async with chatting(FakeServer(), size=(80, 24)) as running:
        await running.write("/mut")
        await running.sees("/mute  NAME [DURATION] [REASON]  Mute someone")

        assert running.app.screen.query_one(Completions).size.height == 1
