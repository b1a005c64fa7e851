"""Around the composer: choices, drafts over a restart, answers and edits that reach the server."""

from pathlib import Path

import pytest

from chat_shared import messages as m
from chat_tui.state_folder import StateFolder
from support.tui_chat import chatting, house_with, open_room

pytestmark = pytest.mark.asyncio


async def test_the_choices_are_shown_with_what_they_do() -> None:
    async with chatting(house_with()) as running:
        await running.write("/cr")
        await running.sees("/create  NAME")
        await running.press("tab")
        await running.until(lambda: running.typed == "/create ")
        await running.sees("/create NAME")  # spelled out while the argument is typed


async def test_up_in_an_empty_composer_edits_what_was_said_last() -> None:
    async with chatting(house_with()) as running:
        await running.enter("soop")
        await running.until(lambda: running.house.posts() and running.typed == "")
        await running.sees("soop")
        await running.press("up")
        await running.sees("editing your message")
        await running.press("backspace", "backspace", "u", "p", "enter")
        await running.until(lambda: any(isinstance(r, m.Edit) for r in running.house.heard))

        edits = [request for request in running.house.heard if isinstance(request, m.Edit)]
        assert [(edit.room, edit.text) for edit in edits] == [("general", "soup")]
        await running.sees_no("editing your message")


async def test_with_nothing_to_edit_that_is_said() -> None:
    async with chatting(house_with()) as running:
        await running.press("up")
        await running.sees("Nothing of yours here can be edited.")


async def test_a_draft_waits_in_its_room_and_over_a_restart(tmp_path: Path) -> None:
    house = house_with("kitchen")
    async with chatting(house, folder=StateFolder(tmp_path)) as running:
        await running.write("half a sen")
        await open_room(running, "kitchen")
        await running.until(lambda: running.typed == "")
        await running.write("soup?")
    async with chatting(house, folder=StateFolder(tmp_path)) as running:
        await running.until(lambda: running.typed == "half a sen")
        await running.press("f6")
        await running.until(lambda: running.typed == "soup?")
