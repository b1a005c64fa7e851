"""Hooks without a screen: creating, listing and removing them. Invitations are in `invited`."""

import pytest

from support.fake_server import FakeServer
from support.plain_console import seat
from support.tui_chat import fake_with

pytestmark = pytest.mark.asyncio


def _owned() -> FakeServer:
    fake = fake_with("kitchen")
    fake.rooms["kitchen"].owner = "ada"
    return fake


async def test_a_hook_is_printed_and_removed_by_its_number() -> None:
    fake = _owned()
    typed = ("/go kitchen", "/hook builds", "/hooks", "2", "/hooks", "1", "/hooks")
    async with seat(fake, "ada", *typed, at_terminal=True) as at:
        assert await at.end() == 0
        shown = at.console.text

    assert "builds (hook): https://chat.example.org/hook/VbO2mX" in shown
    assert "To try it: curl -d 'done' https://chat.example.org/hook/VbO2mX" in shown
    assert "Shown only once. Anyone who has this address can post to this room." in shown
    assert "1. builds (hook), by ada, 2026-11-22" in shown
    assert "There is no hook with this number. Nothing was removed." in shown
    assert "ada created builds (hook)" in shown
    assert "ada removed builds (hook)" in shown
    assert "No hooks. /hook NAME creates one, by which programs post to this room." in shown


async def test_without_pages_a_hook_is_out_of_reach() -> None:
    fake = _owned()
    fake.extras.web = ""
    async with seat(fake, "ada", "/go kitchen", "/hook builds", at_terminal=True) as at:
        assert await at.end() == 0

    assert "builds (hook), with the code VbO2mX. No program can reach it yet" in at.console.text


@pytest.mark.parametrize("command", ["/hooks", "/invitations"])
async def test_where_the_list_is_refused_nothing_is_asked(command: str) -> None:
    async with seat(fake_with("kitchen"), "ada", "/go kitchen", at_terminal=True) as at:
        await at.console.asked("kitchen> ")
        at.console.type(command, "/quit")

        assert await at.task == 0
        assert len([prompt for prompt, _ in at.console.prompts if "number" in prompt]) == 0
