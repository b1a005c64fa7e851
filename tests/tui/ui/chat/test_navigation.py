"""Going to messages that are not loaded, and to unread rooms."""

import pytest

from chat_tui.ui.chat.screen import ChatScreen
from support.fake_server import FakeServer
from support.tui_chat import chatting, fake_with, open_room

pytestmark = pytest.mark.asyncio


def long_fake(read: int) -> FakeServer:
    fake = fake_with()
    for n in range(1, 1_001):
        fake.post("general", "linus", f"line {n}.")
    fake.rooms["general"].read["ada"] = read
    return fake


async def test_ctrl_home_goes_to_the_first_unread_message_however_far_back() -> None:
    fake = long_fake(read=400)
    async with chatting(fake) as running:
        await running.sees("line 1000.")
        await running.press("ctrl+home")

        await running.sees("line 401.")
        rows = running.text().split("\n")
        line = next(n for n, row in enumerate(rows) if "new since" in row)
        assert "line 400." in rows[line - 1]
        assert "line 401." in rows[line + 1]
        assert running.app.state.rooms["general"].lines[0].seq == 301

        for _ in range(4):
            await running.press("pagedown")
        await running.sees("line 520.")
        await running.press("end")
        await running.sees("line 1000.")


async def test_unread_says_so_where_nothing_is_unread() -> None:
    async with chatting(fake_with()) as running:
        await running.enter("/unread")

        await running.sees("No unread messages in this room.")


async def test_a_message_of_another_room_opens_with_the_pages_around_it() -> None:
    fake = fake_with("attic")
    for n in range(1, 701):
        fake.post("attic", "linus", f"line {n}.")
    async with chatting(fake) as running:
        screen = running.app.screen
        assert isinstance(screen, ChatScreen)
        screen.controllers.navigation.go_to("attic", 250, select=True)
        await running.sees("line 250.")
        for _ in range(4):
            await running.press("pageup")

        await running.sees("line 140.")
        screen.controllers.navigation.go_to("attic", 260)
        await running.sees("line 260.")
        screen.controllers.navigation.go_to("nowhere", 1)
        await running.sees("You're no longer in that room.")
        running.client.cut()
        await running.sees("Offline")
        screen.controllers.navigation.go_to("attic", 600)
        await running.sees("You're offline, and that message isn't loaded.")
        await running.sees("line 260.")


async def test_rooms_with_mentions_come_first() -> None:
    fake = fake_with("attic", "kitchen")
    async with chatting(fake) as running:
        fake.post("attic", "linus", "hello")
        fake.post("kitchen", "linus", "@ada, come")
        await running.sees("@1")

        await running.press("ctrl+o")
        await running.sees("Message kitchen")
        await running.press("ctrl+o")
        await running.sees("Message attic")
        await running.press("ctrl+o")
        await running.sees("No unread messages.")


@pytest.mark.parametrize("keys", [["ctrl+o"], ["ctrl+k", "enter"]])
async def test_a_room_that_was_left_further_up_opens_at_its_first_unread_message(
    keys: list[str],
) -> None:
    fake = fake_with("attic")
    for n in range(1, 101):
        fake.post("attic", "linus", f"line {n}.")
    fake.rooms["attic"].read["ada"] = 100
    async with chatting(fake) as running:
        screen = running.app.screen
        assert isinstance(screen, ChatScreen)
        screen.controllers.navigation.go_to("attic", 10)
        await running.sees("line 11.")
        await open_room(running, "general")
        for n in range(1, 101):
            fake.post("attic", "linus", f"@ada, new {n}.")
        await running.sees("@100")
        for key in keys:
            await running.press(key)

        await running.sees("new since")
        await running.sees("@ada, new 1.")
        assert "line 11." not in running.text()

        await running.press("pageup", "pageup")
        await running.sees_no("@ada, new 1.")
        await running.press("ctrl+o")  # the open room is the only one that waits
        await running.sees("@ada, new 1.")


async def test_ctrl_p_in_the_switcher_moves_up_and_opens_no_palette() -> None:
    async with chatting(fake_with("attic")) as running:
        await running.press("ctrl+k")
        await running.sees("Go to a room")
        await running.press("ctrl+p")

        await running.sees("Go to a room")
        assert len(running.app.screen_stack) == 3


async def test_the_switcher_finds_people_too() -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        await running.press("ctrl+k")
        await running.sees("Go to a room")
        await running.enter("lin")

        await running.sees("Message linus")
