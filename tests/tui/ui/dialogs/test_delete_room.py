"""Deleting a room takes its name, however strange that is."""

import pytest
from textual.app import App

from chat_shared import messages as m
from chat_tui.ui.dialogs.delete_room import DeleteRoom
from support.tui_chat import HOSTILE
from support.tui_pilot import screen_text

pytestmark = pytest.mark.asyncio


class Server(App[None]):
    """Records the dialogs' requests and grants them."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[m.Request] = []

    async def ask(self, request: m.Request) -> m.Reply | None:
        self.asked.append(request)
        return m.Ok(re=1)


@pytest.mark.parametrize("room", [*HOSTILE, "汤" * 32, "w" * 32])
async def test_another_name_deletes_nothing_and_hostile_names_are_harmless(room: str) -> None:
    app = Server()
    async with app.run_test(size=(40, 20)) as pilot:
        app.push_screen(DeleteRoom(room))
        await pilot.pause()
        await pilot.press("x", "enter")
        await pilot.pause()

        assert "The room's name is" in screen_text(app)
        assert not set(screen_text(app)) & set("\x1b\x07\u202e\u2066")
        assert app.asked == []


async def test_the_name_in_any_case_deletes_the_room() -> None:
    app = Server()
    async with app.run_test(size=(40, 20)) as pilot:
        app.push_screen(DeleteRoom("Attic"))
        await pilot.pause()
        await pilot.press(*"attic", "enter")
        await pilot.pause()

        assert app.asked == [m.DeleteRoom(id=m.UNNUMBERED, room="Attic")]
        assert not isinstance(app.screen, DeleteRoom)
