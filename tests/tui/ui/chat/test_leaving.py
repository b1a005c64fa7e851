"""Leaving and deleting rooms."""

import pytest

from chat_shared import messages as m
from chat_tui.ui.dialogs.delete_room import DeleteRoom
from chat_tui.ui.dialogs.leave_owned_room import LeaveOwnedRoom
from support.fake_server import FakeServer
from support.tui_chat import HOSTILE, Client, chatting, fake_with, open_room

pytestmark = pytest.mark.asyncio


def kitchen(*members: str) -> FakeServer:
    fake = fake_with()
    fake.room("kitchen", "k7qm", "ada", *members).owner = "ada"
    return fake


async def exit_kitchen(running: Client) -> None:
    await open_room(running, "kitchen")
    await running.sees("(owner)")
    await running.press("f10")
    await running.sees("Leave kitchen?")


def exits(fake: FakeServer) -> list[m.Exit]:
    return [request for request in fake.requests if isinstance(request, m.Exit)]


async def test_an_owner_who_leaves_chooses_the_next_owner() -> None:
    fake = kitchen("linus", "cleo")
    async with chatting(fake) as running:
        await exit_kitchen(running)
        await running.sees("Choose its next owner.")
        await running.press("down", "down", "down", "enter")

        await running.sees("You left kitchen.")
        assert [request.heir for request in exits(fake)] == ["linus"]


async def test_without_a_choice_the_longest_standing_member_follows() -> None:
    fake = kitchen("linus")
    async with chatting(fake) as running:
        await exit_kitchen(running)
        await running.sees("The member who has been here longest")
        await running.press("enter")

        await running.sees("You left kitchen.")
        assert [request.heir for request in exits(fake)] == [""]


async def test_an_owner_who_is_alone_can_leave_or_delete_the_room() -> None:
    fake = kitchen()
    async with chatting(fake) as running:
        await exit_kitchen(running)
        await running.sees("You're its only member.")
        await running.press("down", "enter")
        await running.sees("Delete room kitchen")
        await running.enter("Kitchen")

        await running.sees("Deleted kitchen and all its messages.")
        await running.sees("Message general")
        assert "kitchen" not in fake.rooms


async def test_escape_leaves_nothing() -> None:
    fake = kitchen("linus")
    async with chatting(fake) as running:
        await exit_kitchen(running)
        await running.press("escape")

        await running.sees_no("Leave kitchen?")
        assert exits(fake) == []


async def test_a_room_is_deleted_only_by_its_name() -> None:
    fake = kitchen("linus")
    async with chatting(fake) as running:
        await open_room(running, "kitchen")
        await running.enter("/delete-room")
        await running.sees("Delete room kitchen")
        await running.enter("cellar")
        await running.sees("The room's name is kitchen")
        await running.press("escape")

        await running.sees_no("Delete room")
        assert "kitchen" in fake.rooms


async def test_a_refusal_by_the_server_is_shown_at_the_field() -> None:
    fake = kitchen("linus")
    async with chatting(fake) as running:
        await open_room(running, "kitchen")
        await running.enter("/delete-room")
        await running.sees("Delete room kitchen")
        fake.rooms["kitchen"].owner = "linus"  # another device was faster
        await running.enter("kitchen")

        await running.sees("Only the room's owner can do that.")


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_of_successors_are_harmless(name: str) -> None:
    async with chatting(kitchen(name)) as running:
        await exit_kitchen(running)

        await running.sees("Choose its next owner.")
        assert not set(running.text()) & set("\x1b\x07\u202e\u2066")


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_names_are_harmless_where_an_owner_leaves(text: str) -> None:
    async with chatting(fake_with()) as running:
        others = [f"{text}{n}" for n in range(98)] + ["🎉" * 32]
        running.app.push_screen(LeaveOwnedRoom(text, others))

        await running.sees("Leave ")
        await running.sees("Enter: leave")
        await running.press("end")
        await running.sees("🎉")
        assert not set(running.text()) & set("\x1b\x07\u202e\u2066")


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_names_are_harmless_where_a_room_is_deleted(text: str) -> None:
    async with chatting(fake_with()) as running:
        running.app.push_screen(DeleteRoom(text))
        await running.sees("Delete room ")
        await running.enter("cellar")

        await running.sees("The room's name is ")
        assert not set(running.text()) & set("\x1b\x07\u202e\u2066")


async def test_a_wrong_name_is_reported_in_view_on_a_small_terminal() -> None:
    async with chatting(fake_with(), size=(40, 15)) as running:
        running.app.push_screen(DeleteRoom("k" * 32))
        await running.sees("Delete room ")
        await running.enter("cellar")

        await running.sees("The room's name is ")


async def test_an_unsent_message_to_a_room_that_is_gone_is_reported() -> None:
    fake = fake_with("attic")
    async with chatting(fake) as running:
        await open_room(running, "attic")
        running.client.cut()
        await running.enter("soup")
        del fake.rooms["attic"]
        running.client.reconnect()

        await running.sees("Your message to attic was")
        await running.sees("soup")
