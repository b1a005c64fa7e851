"""/hook and /hooks on the full screen: an address shown once, and a list to remove from."""

import pytest

from support.fake_server import FakeServer
from support.tui_chat import chatting, fake_with

pytestmark = pytest.mark.asyncio


def _owned() -> FakeServer:
    fake = fake_with("kitchen")
    fake.rooms["kitchen"].owner = "ada"
    return fake


async def test_the_address_of_a_new_hook_is_shown_and_copied() -> None:
    async with chatting(_owned()) as running:
        await running.enter("/go kitchen")
        await running.enter("/hook builds")
        await running.sees("builds (hook) can post to kitchen")
        await running.sees("curl -d 'done' https://chat.example.org/hook/VbO2mX")
        await running.sees("If curl refuses the server's certificate")

        await running.pilot.click("#copy-address")
        await running.sees("Address copied.")
        assert running.app.clipboard == "https://chat.example.org/hook/VbO2mX"
        await running.pilot.click("#copy-line")
        await running.sees("Line copied.")
        assert running.app.clipboard == "curl -d 'done' https://chat.example.org/hook/VbO2mX"

        await running.press("escape")
        await running.sees("ada created builds (hook)")


async def test_without_pages_there_is_no_address_to_copy() -> None:
    fake = _owned()
    fake.extras.web = ""
    async with chatting(fake) as running:
        await running.enter("/go kitchen")
        await running.enter("/hook builds")
        await running.sees("Its code: VbO2mX")
        await running.sees("No program can reach it yet")

        await running.press("a")
        await running.sees("hown only once")  # whether the key was taken for typing or not


async def test_a_hook_is_removed_by_delete_and_not_by_enter_alone() -> None:
    fake = _owned()
    async with chatting(fake) as running:
        await running.enter("/go kitchen")
        await running.enter("/hooks")
        await running.sees("No hooks. /hook NAME creates one")
        await running.press("escape")
        await running.enter("/hook builds")
        await running.sees("can post to kitchen")
        await running.press("escape")

        await running.enter("/hooks")
        await running.sees("builds (hook) · by ada, 2026-11-22")
        await running.press("enter")
        await running.sees("Delete removes builds (hook)")
        assert fake.extras.hooks
        await running.press("delete")
        await running.sees("Removed builds (hook).")
        assert not fake.extras.hooks


async def test_who_does_not_own_the_room_gets_the_line_back() -> None:
    async with chatting(fake_with()) as running:
        await running.enter("/hook builds")

        await running.sees("Only the room's owner can do that.")
        assert running.composer.text == "/hook builds"
