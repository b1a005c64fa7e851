import pytest
from textual.app import ComposeResult
from textual.widgets import Button, Input

from chat_shared import messages as m
from chat_tui.commands.replies import OFFLINE
from chat_tui.ui.dialogs.confirm import Confirm
from chat_tui.ui.dialogs.create_room import CreateRoom
from chat_tui.ui.dialogs.dialog import LOST, Dialog, button
from chat_tui.ui.dialogs.help import Help
from chat_tui.ui.dialogs.join_room import JoinRoom
from chat_tui.ui.dialogs.switcher import Switcher
from chat_tui.ui.widgets.field import Field
from support.asked_server import AskedServer
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
async def test_escape_closes_a_dialog_and_the_draft_under_it_stays(
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


async def test_a_paste_into_a_dialog_without_a_field_goes_to_the_composer() -> None:
    async with chatting(FakeServer()) as running:
        await running.write("half a ")
        running.app.push_screen(Confirm("?", "Yes"))
        await running.until(lambda: isinstance(running.app.screen, Dialog))
        running.paste("thought")
        await running.press("escape", "s")

        await running.until(lambda: running.typed == "half a thoughts")


class ButtonAndField(Dialog[None]):
    AUTO_FOCUS = "Button"

    def compose(self) -> ComposeResult:
        yield button("Later", "later")
        yield Field("Room", "room")


async def test_a_paste_at_a_button_goes_to_the_field() -> None:
    async with chatting(FakeServer()) as running:
        running.app.push_screen(ButtonAndField())
        await running.until(lambda: isinstance(running.app.focused, Button))
        running.paste("attic")

        field = running.app.screen.query(Input).first()
        await running.until(lambda: field.value == "attic" and field.has_focus)


class Asking(Dialog[None]):
    """Records the replies it receives."""

    def __init__(self) -> None:
        super().__init__()
        self.replies: list[m.Reply] = []

    async def send(self, request: m.Request) -> None:
        self.replies.append(await self.ask(request))


async def test_a_dialog_gets_the_reply_to_its_last_request_only() -> None:
    app, dialog = AskedServer(), Asking()
    async with app.run_test() as pilot:
        await app.push_screen(dialog)
        dialog.start(dialog.send(m.Ping(id=1)))
        await pilot.pause()
        dialog.start(dialog.send(m.Ping(id=2)))
        await pilot.pause()
        (_, first), (_, last) = app.asked
        assert first.cancelled()
        last.set_result(m.Pong(re=2))
        await pilot.pause()

    assert dialog.replies == [m.Pong(re=2)]


async def test_a_lost_connection_is_an_error_like_others() -> None:
    app, dialog = AskedServer(), Asking()
    async with app.run_test() as pilot:
        await app.push_screen(dialog)
        dialog.start(dialog.send(m.Ping(id=1)))
        await pilot.pause()
        app.asked[0][1].set_result(None)
        await pilot.pause()

    assert dialog.replies == [m.Error(LOST, OFFLINE)]


async def test_closing_a_dialog_ends_its_request() -> None:
    app, dialog = AskedServer(), Asking()
    async with app.run_test() as pilot:
        await app.push_screen(dialog)
        dialog.start(dialog.send(m.Ping(id=1)))
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()

        assert app.asked[0][1].cancelled()


async def test_a_toast_does_not_cover_the_heading_on_a_small_terminal() -> None:
    async with chatting(FakeServer(), size=(80, 24)) as running:
        await running.press("f1")
        await running.sees("Keys and commands")
        running.app.notify("Something happened.", title="News")
        await running.sees("Something happened.")

        toast = running.app.screen.query_one("Toast").region
        await running.until(
            lambda: not running.app.screen.query_one(".dialog").region.overlaps(toast)
        )


async def test_a_toast_is_where_it_was_on_the_screen_below() -> None:
    async with chatting(FakeServer(), size=(80, 24)) as running:
        running.app.notify("Something happened.", title="News")
        await running.sees("Something happened.")
        below = running.app.screen.query_one("Toast")
        await running.press("f1")
        await running.sees("Keys and commands")

        await running.until(lambda: running.app.screen.query("Toast"))
        await running.until(lambda: running.app.screen.query_one("Toast").region == below.region)
