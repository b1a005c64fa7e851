"""How rooms end: for an owner who exits, and for everybody."""

import pytest

from chat_shared import messages as m
from chat_tui.ui.dialogs.delete_room import DeleteRoom
from chat_tui.ui.dialogs.leave_owned_room import ExitOwned
from support.tui_chat import HOSTILE, Client, chatting, house_with, open_room
from support.tui_house import House

pytestmark = pytest.mark.asyncio


def kitchen(*members: str) -> House:
    house = house_with()
    house.room("kitchen", "k7qm", "ada", *members).owner = "ada"
    return house


async def exit_kitchen(running: Client) -> None:
    await open_room(running, "kitchen")
    await running.sees("ada (you)")
    await running.press("f10")
    await running.sees("Exit kitchen, which is yours?")


def exits(house: House) -> list[m.Exit]:
    return [request for request in house.heard if isinstance(request, m.Exit)]


async def test_an_owner_who_exits_chooses_whose_the_room_is_to_be() -> None:
    house = kitchen("linus", "cleo")
    async with chatting(house) as running:
        await exit_kitchen(running)
        await running.sees("Choose who owns it then:")
        await running.press("down", "down", "down", "enter")

        await running.sees("You left kitchen.")
        assert [request.heir for request in exits(house)] == ["linus"]


async def test_without_a_choice_it_is_whose_turn_it_is() -> None:
    house = kitchen("linus")
    async with chatting(house) as running:
        await exit_kitchen(running)
        await running.sees("whoever has been in it longest")
        await running.press("enter")

        await running.sees("You left kitchen.")
        assert [request.heir for request in exits(house)] == [""]


async def test_who_is_alone_may_leave_it_or_delete_it() -> None:
    house = kitchen()
    async with chatting(house) as running:
        await exit_kitchen(running)
        await running.sees("Nobody else is in it.")
        await running.press("down", "enter")
        await running.sees("Delete the room kitchen")
        await running.enter("Kitchen")

        await running.sees("kitchen is deleted.")
        await running.sees("Message general")
        assert "kitchen" not in house.rooms


async def test_escape_stays() -> None:
    house = kitchen("linus")
    async with chatting(house) as running:
        await exit_kitchen(running)
        await running.press("escape")

        await running.sees_no("which is yours?")
        assert exits(house) == []


async def test_a_room_is_deleted_only_by_its_name() -> None:
    house = kitchen("linus")
    async with chatting(house) as running:
        await open_room(running, "kitchen")
        await running.enter("/delete-room")
        await running.sees("Delete the room kitchen")
        await running.enter("cellar")
        await running.sees("That is not its name: kitchen")
        await running.press("escape")

        await running.sees_no("Delete the room")
        assert "kitchen" in house.rooms


async def test_what_the_server_refuses_is_said_at_the_field() -> None:
    house = kitchen("linus")
    async with chatting(house) as running:
        await open_room(running, "kitchen")
        await running.enter("/delete-room")
        await running.sees("Delete the room kitchen")
        house.rooms["kitchen"].owner = "linus"  # another device was faster
        await running.enter("kitchen")

        await running.sees("Only the owner of this room may do that.")


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_of_heirs_are_harmless(name: str) -> None:
    async with chatting(kitchen(name)) as running:
        await exit_kitchen(running)

        await running.sees("Choose who owns it then:")
        assert not set(running.text()) & set("\x1b\x07\u202e\u2066")


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_names_are_harmless_where_an_owner_exits(text: str) -> None:
    async with chatting(house_with()) as running:
        others = [f"{text}{n}" for n in range(98)] + ["🎉" * 32]
        running.app.push_screen(ExitOwned(text, others))

        await running.sees("Exit ")
        await running.sees("Enter: exit")
        await running.press("end")
        await running.sees("🎉")
        assert not set(running.text()) & set("\x1b\x07\u202e\u2066")


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_names_are_harmless_where_a_room_is_deleted(text: str) -> None:
    async with chatting(house_with()) as running:
        running.app.push_screen(DeleteRoom(text))
        await running.sees("Delete the room ")
        await running.enter("cellar")

        await running.sees("That is not its name: ")
        assert not set(running.text()) & set("\x1b\x07\u202e\u2066")


async def test_a_wrong_name_is_said_in_view_on_a_small_terminal() -> None:
    async with chatting(house_with(), size=(40, 15)) as running:
        running.app.push_screen(DeleteRoom("k" * 32))
        await running.sees("Delete the room ")
        await running.enter("cellar")

        await running.sees("That is not its name: ")


async def test_what_waited_for_a_room_that_one_is_not_in_any_more_is_said_not_to_be_sent() -> None:
    house = house_with("attic")
    async with chatting(house) as running:
        await open_room(running, "attic")
        running.link.cut()
        await running.enter("soup")
        del house.rooms["attic"]
        running.link.come_back()

        await running.sees("A message to attic was")
        await running.sees("soup")
