import pytest
from textual.app import App

from chat_shared import messages as m
from chat_tui.ui.dialogs.confirm import Confirm
from chat_tui.ui.dialogs.create_room import CreateRoom
from chat_tui.ui.dialogs.dialog import OFFLINE, AskingDialog, Dialog
from chat_tui.ui.dialogs.help import Help
from chat_tui.ui.dialogs.join_room import JoinRoom
from chat_tui.ui.dialogs.switcher import Switcher
from chat_tui.ui.messages import Answered
from support.fake_server import FakeServer
from support.tui_chat import chatting

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
    async with chatting(FakeServer()) as running:
        await running.write("half a thought")
        answers: list[object] = []
        running.app.push_screen(dialog(), answers.append)
        await running.until(lambda: isinstance(running.app.screen, Dialog))
        await running.press("escape")

        await running.until(lambda: answers == [None])
        assert running.typed == "half a thought"


class Asking(AskingDialog[None]):
    """Keeps what it hears."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[object] = []

    def answered(self, reply: m.Reply) -> None:
        self.heard.append(reply)

    def refused(self, sentence: str, code: str) -> None:
        self.heard.append((sentence, code))


async def test_a_dialog_that_asks_hears_the_answer_to_what_it_asked_last_and_no_other() -> None:
    app: App[None] = App()
    dialog = Asking()
    first, last = m.Ping(id=1), m.Ping(id=1)
    async with app.run_test() as pilot:
        await app.push_screen(dialog)
        dialog.ask(first)
        dialog.ask(last)
        for request, reply in (
            (first, m.Pong(re=1)),
            (m.Ping(id=1), m.Pong(re=1)),
            (last, m.Pong(re=2)),
            (last, m.Error("too_fast", "Not so fast.", 2)),
            (last, None),
        ):
            dialog.post_message(Answered(request, reply))
        await pilot.pause()

    assert dialog.heard == [m.Pong(re=2), ("Not so fast.", "too_fast"), (OFFLINE, "")]
