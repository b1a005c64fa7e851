"""Choosing the next owner: every member is offered, however strange their name."""

import pytest
from textual.content import Content
from textual.widgets import Label, OptionList

from chat_tui.ui.dialogs.leave_owned_room import DELETE, OLDEST, LeaveOwnedRoom
from support.tui_chat import HOSTILE
from support.tui_host import hosting

pytestmark = pytest.mark.asyncio

STRANGE = [*HOSTILE, "汤" * 32, "w" * 32]


async def test_every_member_is_offered_and_hostile_names_are_harmless() -> None:
    answers: list[str | None] = []
    async with hosting(Label("chat"), size=(40, 15)) as (host, pilot):
        host.push_screen(LeaveOwnedRoom(HOSTILE[2], STRANGE), answers.append)
        await pilot.pause()
        options = host.screen.query_one(OptionList)
        shown = [str(option.prompt) for option in options.options]
        assert len(shown) == 2 + len(STRANGE)
        assert not set("".join(shown)) & set("\x1b\x07\u202e\u2066")
        await pilot.press("end", "enter")

    assert answers[0] in STRANGE
    assert answers[0] not in (OLDEST, DELETE)


async def test_deleting_the_room_looks_dangerous() -> None:
    async with hosting(Label("chat")) as (host, pilot):
        host.push_screen(LeaveOwnedRoom("kitchen", ["ben"]))
        await pilot.pause()

        prompts = [option.prompt for option in host.screen.query_one(OptionList).options]
        (red,) = [each for each in prompts if isinstance(each, Content) and each.spans]
        assert str(red).startswith("Delete the room")
        assert [str(span.style) for span in red.spans] == ["$text-error"]
