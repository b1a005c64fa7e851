"""Deleting a room takes its name, however strange that is."""

import pytest
from textual.widgets import Label

from chat_shared import messages as m
from chat_tui.ui.dialogs.delete_room import DeleteRoom
from chat_tui.ui.messages import AskRequested
from support.tui_chat import HOSTILE
from support.tui_host import hosting
from support.tui_pilot import screen_text

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("room", [*HOSTILE, "汤" * 32, "w" * 32])
async def test_another_name_deletes_nothing_and_no_name_does_anything(room: str) -> None:
    async with hosting(Label("chat"), size=(40, 20)) as (host, pilot):
        host.push_screen(DeleteRoom(room))
        await pilot.pause()
        await pilot.press("x", "enter")
        await pilot.pause()

        assert "That is not its name" in screen_text(host)
        assert not set(screen_text(host)) & set("\x1b\x07\u202e\u2066")
        assert not [
            said for said in host.of(AskRequested) if isinstance(said.request, m.DeleteRoom)
        ]
