import pytest

from chat_tui.screens.confirm import Confirm
from chat_tui.screens.create_room import CreateRoom
from chat_tui.screens.dialog import Dialog
from chat_tui.screens.help import Help
from chat_tui.screens.join_room import JoinRoom
from chat_tui.screens.switcher import Switcher
from support.tui_chat import chatting
from support.tui_house import House

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize(
    "dialog",
    [
        lambda: Confirm("?", "Yes"),
        CreateRoom,
        lambda: Help({}),
        JoinRoom,
        lambda: Switcher([], ""),
    ],
)
async def test_escape_closes_a_dialog_and_what_is_typed_under_it_stays(
    dialog: type[Dialog[object]],
) -> None:
    async with chatting(House()) as running:
        await running.write("half a thought")
        answers: list[object] = []
        running.app.push_screen(dialog(), answers.append)
        await running.until(lambda: isinstance(running.app.screen, Dialog))
        await running.press("escape")

        await running.until(lambda: answers == [None])
        assert running.typed == "half a thought"
