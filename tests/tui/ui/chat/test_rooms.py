"""Rooms are created, joined, opened and left on the chat screen."""

import pytest

from chat_tui.ui.widgets.room_list import RoomList
from support.tui_chat import chatting, fake_with, open_room

pytestmark = pytest.mark.asyncio


async def test_create_shows_the_password_and_opens_the_room() -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        await running.enter("/create kitchen")
        await running.sees("k7qm-2vxh-9rtd")
        await running.sees("/join kitchen k7qm-2vxh-9rtd")

        await running.press("escape")
        await running.sees("Message kitchen")


async def test_a_refused_create_says_why() -> None:
    async with chatting(fake_with("kitchen")) as running:
        await running.enter("/create kitchen")

        await running.sees("There is a room called kitchen already.")


async def test_join_opens_the_room_and_its_password_is_never_shown() -> None:
    fake = fake_with()
    fake.room("kitchen", "secret")
    async with chatting(fake) as running:
        await running.write("/join kitchen sec")
        await running.sees("/join kitchen •••")
        assert "/join kitchen s" not in running.text()
        await running.enter("ret")
        await running.sees("Message kitchen")

        await running.press("up")
        await running.pilot.pause()
        assert running.typed == ""


async def test_a_refused_join_can_be_corrected_in_its_dialog() -> None:
    fake = fake_with()
    fake.room("kitchen", "k7qm")
    async with chatting(fake) as running:
        await running.enter("/join kitchen k7q")

        await running.sees("There is no such room, or not with this.")
        assert "k7q" not in running.text().replace("as in k7qm-2vxh-9rtd", "")
        await running.enter("m")
        await running.sees("Message kitchen")
        await running.press("up")
        await running.pilot.pause()
        assert running.typed == ""


async def test_a_join_while_offline_waits_in_its_dialog() -> None:
    fake = fake_with()
    fake.room("kitchen", "k7qm")
    async with chatting(fake) as running:
        running.client.cut()
        await running.enter("/join kitchen k7qm")
        await running.sees("You're offline.")
        running.client.reconnect()
        await running.press("enter")

        await running.sees("Message kitchen")


async def test_join_without_a_password_asks_for_it() -> None:
    async with chatting(fake_with()) as running:
        await running.enter("/join kitchen")

        await running.sees("Join a room")


@pytest.mark.parametrize("way", ["/exit", "f10", "ctrl+w"])
async def test_leaving_asks_once_and_returns_to_general(way: str) -> None:
    fake = fake_with("kitchen")
    async with chatting(fake) as running:
        await open_room(running, "kitchen")
        if way == "/exit":
            await running.enter(way)
        else:
            await running.press(way)
        await running.sees("Leave kitchen?")
        await running.press("y")

        await running.sees("You left kitchen.")
        await running.sees("Message general")
        assert "ada" not in fake.rooms["kitchen"].members


async def test_leaving_can_be_cancelled() -> None:
    fake = fake_with("kitchen")
    async with chatting(fake) as running:
        await open_room(running, "kitchen")
        await running.press("f10")
        await running.sees("Leave kitchen?")
        await running.press("escape")

        await running.sees_no("Leave kitchen?")
        assert "ada" in fake.rooms["kitchen"].members


async def test_nobody_leaves_general() -> None:
    async with chatting(fake_with()) as running:
        await running.enter("/exit")

        await running.sees("You can't leave general: everyone is in it.")


async def test_ctrl_w_erases_a_word_while_there_is_one() -> None:
    async with chatting(fake_with("kitchen")) as running:
        await open_room(running, "kitchen")
        await running.write("two words")
        await running.press("ctrl+w")

        await running.until(lambda: running.typed == "two ")


@pytest.mark.parametrize("keys", [("f6", "f5"), ("ctrl+pagedown", "ctrl+pageup")])
async def test_stepping_through_rooms_leaves_none(keys: tuple[str, str]) -> None:
    fake = fake_with("attic", "kitchen")
    async with chatting(fake) as running:
        await running.press(keys[0])
        await running.sees("Message attic")
        await running.press(keys[0])
        await running.sees("Message kitchen")
        await running.press(keys[0])
        await running.sees("Message general")
        await running.press(keys[1])
        await running.sees("Message kitchen")
        assert "ada" in fake.rooms["attic"].members


async def test_a_room_is_opened_by_a_click() -> None:
    async with chatting(fake_with("attic")) as running:
        await running.pilot.click("#rooms", offset=(5, 2))

        await running.sees("Message attic")


async def test_a_room_is_opened_from_the_list_by_keys() -> None:
    async with chatting(fake_with("attic")) as running:
        running.app.screen.query_one(RoomList).focus()
        await running.press("down", "enter")

        await running.sees("Message attic")
        await running.until(lambda: running.composer.has_focus)


async def test_each_room_keeps_its_draft() -> None:
    async with chatting(fake_with("attic")) as running:
        await running.write("half a thought")
        await running.press("f6")
        await running.sees("Message attic")
        assert running.typed == ""
        await running.write("another")
        await running.press("f5")

        await running.until(lambda: running.typed == "half a thought")
        await running.press("f6")
        await running.until(lambda: running.typed == "another")
