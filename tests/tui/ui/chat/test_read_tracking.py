"""Read state: without the focus, on other devices, offline."""

import pytest
from textual import events

from chat_shared import messages as m
from chat_tui.ui.chat.screen import ChatScreen
from support.fake_server import FakeServer
from support.tui_chat import Client, chatting, fake_with, open_room

pytestmark = pytest.mark.asyncio


def told(fake: FakeServer) -> list[tuple[str, int]]:
    return [(read.room, read.seq) for read in fake.requests if isinstance(read, m.Read)]


async def lose_focus(running: Client) -> None:
    running.app.post_message(events.AppBlur())
    await running.until(lambda: not running.app.app_focus)


async def test_messages_stay_unread_while_the_terminal_has_no_focus() -> None:
    fake = fake_with()
    fake.post("general", "linus", "seen")
    async with chatting(fake) as running:
        await running.sees("seen")
        await lose_focus(running)
        fake.post("general", "linus", "unseen @ada")
        fake.post("general", "linus", "unseen too")
        await running.sees("new since")
        await running.sees("@1 2")
        assert told(fake) == []

        running.app.post_message(events.AppFocus())
        await running.until(lambda: told(fake) == [("general", 3)])

        await running.sees_no("@1 2")
        rows = running.text().split("\n")
        line = next(n for n, row in enumerate(rows) if "new since" in row)
        assert "seen" in rows[line - 1]
        assert "unseen @ada" in rows[line + 1]


async def test_a_message_marked_as_unread_stays_so_while_in_view() -> None:
    fake = fake_with("attic")
    for n in range(1, 4):
        fake.post("general", "linus", f"line {n}")
    async with chatting(fake) as running:
        await running.sees("line 3")
        screen = running.app.screen
        assert isinstance(screen, ChatScreen)
        screen.controllers.read_tracking.mark_unread("general", 2)
        await running.until(lambda: told(fake) == [("general", 1)])
        await running.sees("2 unread")
        await running.sees("new since")

        await open_room(running, "attic")
        await open_room(running, "general")

        await running.sees_no("2 unread")


async def test_reading_on_another_device_clears_the_badge() -> None:
    fake = fake_with("attic")
    fake.post("attic", "linus", "hello @ada")
    fake.rooms["attic"].read["ada"] = 0
    async with chatting(fake) as running:
        await running.sees("@1")

        fake.broadcast("attic", m.ReadTo("attic", 1))

        await running.sees_no("@1")


async def test_messages_read_offline_are_reported_once_reconnected() -> None:
    fake = fake_with("attic")
    fake.post("attic", "linus", "hello")
    fake.rooms["attic"].read["ada"] = 0
    async with chatting(fake) as running:
        await running.sees("1 unread")
        running.client.cut()
        await running.sees("Offline")
        await running.press("f6")
        await running.sees("Message attic")
        assert running.app.state.rooms["attic"].unread == 1  # which nobody has seen yet

        running.client.reconnect()

        await running.until(lambda: told(fake) == [("attic", 1)])


@pytest.mark.parametrize("way", ["/quit", "/logout"])
async def test_messages_read_last_are_reported_before_the_end(way: str) -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        for text in ("told at once", "told in a while"):
            fake.post("general", "linus", text)
            await running.sees(text)
        await running.until(lambda: not running.app.state.unread)
        await running.until(lambda: told(fake) == [("general", 1)])
        await running.enter(way)

        await running.until(lambda: told(fake) == [("general", 1), ("general", 2)])


async def test_a_failed_log_out_forgets_nothing_read_offline() -> None:
    fake = fake_with("attic")
    fake.post("attic", "linus", "hello")
    fake.rooms["attic"].read["ada"] = 0
    async with chatting(fake) as running:
        await open_room(running, "attic")
        await running.sees("hello")
        running.app.state.rooms["attic"].dirty = True
        running.client.cut()
        await running.enter("/logout")
        await running.sees("You're offline.")
        running.client.reconnect()

        await running.until(lambda: told(fake)[-1:] == [("attic", 1)])
