import pytest

from chat_tui.ui.dialogs.create_room import CreateRoom
from support.tui_chat import chatting
from support.tui_house import House

pytestmark = pytest.mark.asyncio


async def test_a_name_and_enter_make_a_room() -> None:
    house = House()
    async with chatting(house) as running:
        await running.press("ctrl+n")
        await running.sees("Create a room")
        await running.enter("kitchen")

        await running.sees("k7qm-2vxh-9rtd")
        assert house.rooms["kitchen"].owner == "ada"


async def test_a_taken_name_is_said_at_the_field_and_stays() -> None:
    house = House()
    house.room("kitchen")
    async with chatting(house) as running:
        await running.press("ctrl+n")
        await running.sees("Create a room")
        await running.enter("kitchen")
        await running.sees("There is a room called kitchen already.")

        await running.enter("2")
        await running.sees("/join kitchen2 k7qm-2vxh-9rtd")


async def test_a_bad_name_is_said_without_asking_the_server() -> None:
    house = House()
    async with chatting(house) as running:
        await running.press("ctrl+n")
        await running.sees("Create a room")
        asked = len(house.heard)
        await running.enter("two words")

        await running.sees("A name is made of letters")
        assert len(house.heard) == asked


async def test_offline_the_dialog_says_so_and_stays() -> None:
    async with chatting(House()) as running:
        await running.press("ctrl+n")
        await running.sees("Create a room")
        running.link.cut()
        await running.enter("kitchen")

        await running.sees("The server is out of reach.")
        assert isinstance(running.app.screen, CreateRoom)


async def test_an_empty_name_and_escape_make_nothing() -> None:
    house = House()
    async with chatting(house) as running:
        await running.press("ctrl+n")
        await running.sees("Create a room")
        await running.press("enter", "escape")

        await running.sees_no("Create a room")
        assert list(house.rooms) == ["general"]


async def test_cancel_closes_the_dialog() -> None:
    async with chatting(House()) as running:
        await running.press("ctrl+n")
        await running.sees("Create a room")
        await running.pilot.click("#cancel")

        await running.sees_no("Create a room")
