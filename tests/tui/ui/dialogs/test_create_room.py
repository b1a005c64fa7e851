import pytest

from chat_tui.ui.dialogs.create_room import CreateRoom
from support.fake_server import FakeServer
from support.tui_chat import chatting

pytestmark = pytest.mark.asyncio


async def test_a_name_and_enter_create_a_room() -> None:
    fake = FakeServer()
    async with chatting(fake) as running:
        await running.press("ctrl+n")
        await running.sees("Create a room")
        await running.enter("kitchen")

        await running.sees("k7qm-2vxh-9rtd")
        assert fake.rooms["kitchen"].owner == "ada"


async def test_a_taken_name_is_reported_at_the_field_and_stays() -> None:
    fake = FakeServer()
    fake.room("kitchen")
    async with chatting(fake) as running:
        await running.press("ctrl+n")
        await running.sees("Create a room")
        await running.enter("kitchen")
        await running.sees("There is a room called kitchen already.")

        await running.enter("2")
        await running.sees("/join kitchen2 k7qm-2vxh-9rtd")


async def test_a_bad_name_is_reported_without_asking_the_server() -> None:
    fake = FakeServer()
    async with chatting(fake) as running:
        await running.press("ctrl+n")
        await running.sees("Create a room")
        asked = len(fake.requests)
        await running.enter("two words")

        await running.sees("A name can contain letters")
        assert len(fake.requests) == asked


async def test_offline_the_dialog_says_so_and_stays() -> None:
    async with chatting(FakeServer()) as running:
        await running.press("ctrl+n")
        await running.sees("Create a room")
        running.client.cut()
        await running.enter("kitchen")

        await running.sees("You're offline.")
        assert isinstance(running.app.screen, CreateRoom)


async def test_an_empty_name_and_escape_create_nothing() -> None:
    fake = FakeServer()
    async with chatting(fake) as running:
        await running.press("ctrl+n")
        await running.sees("Create a room")
        await running.press("enter", "escape")

        await running.sees_no("Create a room")
        assert list(fake.rooms) == ["general"]


async def test_cancel_closes_the_dialog() -> None:
    async with chatting(FakeServer()) as running:
        await running.press("ctrl+n")
        await running.sees("Create a room")
        await running.pilot.click("#cancel")

        await running.sees_no("Create a room")


async def test_enter_twice_on_a_slow_connection_shows_the_password() -> None:
    fake = FakeServer()
    async with chatting(fake) as running:
        await running.press("ctrl+n")
        await running.sees("Create a room")
        fake.is_slow = True
        await running.enter("kitchen")
        await running.sees("Waiting for the server")
        await running.press("enter")
        fake.answer_all()

        await running.sees("k7qm-2vxh-9rtd")
