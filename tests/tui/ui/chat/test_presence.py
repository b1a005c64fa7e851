"""Presence, typing, and notifications while the terminal has no focus."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from textual import events

from chat_shared import messages as m
from chat_tui.storage import settings as stored
from chat_tui.storage.settings import Settings
from chat_tui.terminal.alerts import Terminal
from chat_tui.ui.chat import presence
from chat_tui.ui.chat.screen import ChatScreen
from support.fake_server import FakeServer
from support.tui_chat import PASSWORD, Client, chatting, client, fake_with, open_room

pytestmark = pytest.mark.asyncio

DIRECT = "@1-2"


def fake_of_two() -> FakeServer:
    """Return a server where ada and linus have a conversation."""
    fake = fake_with("attic")
    fake.room(DIRECT, "", "ada", "linus")
    return fake


def listen(running: Client) -> list[str]:
    """Return what is written to the terminal from now on."""
    screen = running.app.screen
    assert isinstance(screen, ChatScreen)
    written: list[str] = []
    screen.controllers.notifier.terminal = Terminal(written.append, {})
    return written


async def lose_focus(running: Client) -> None:
    running.app.post_message(events.AppBlur())
    await running.until(lambda: not running.app.app_focus)


async def test_mentions_notify_once_while_the_terminal_has_no_focus() -> None:
    fake = fake_of_two()
    settings = Settings("test.example", "ada", notify="osc9")
    async with chatting(fake, settings) as running:
        reported = listen(running)
        fake.post("general", "linus", "@ada while you look")
        await running.sees("while you look")
        await lose_focus(running)
        fake.post("general", "linus", "not to you")
        await running.sees("not to you")
        assert not [sequence for sequence in reported if "]9;" in sequence]

        fake.post("attic", "linus", "@ada soup\x1b]52;")
        fake.post(DIRECT, "linus", "and bread")
        await running.until(lambda: [sequence for sequence in reported if "]9;" in sequence])

        notified = [sequence for sequence in reported if "]9;" in sequence]
        assert notified == ["\x1b]9;Trialogue: linus in attic: @ada soup␛]52;\x1b\\"]
        await running.until(lambda: reported[-1] == "\x1b]2;(@2 3) Trialogue · general\x1b\\")


async def test_the_notification_level_of_a_room_is_remembered(tmp_path: Path) -> None:
    fake = fake_with()
    path = tmp_path / "settings.json"
    async with client(fake, path=path) as running:
        await running.enter(PASSWORD)
        await running.sees("Message ")
        reported = listen(running)
        await running.enter("/notify all")
        await running.sees("Notifications here: all messages")
        await lose_focus(running)
        fake.post("general", "linus", "to nobody")
        await running.until(lambda: "\a" in reported)

        running.app.post_message(events.AppFocus())
        await running.enter("/notify off")
        await running.sees("Notifications here: off")
        await running.enter("/notify loudly")
        await running.sees("Usage: /notify all")
        levels = {"test.example:7667": {"general": "off"}}
        assert stored.load(path).notify_rooms == levels


async def test_a_direct_message_room_is_named_after_the_participant_everywhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(presence, "_RENEW_EVERY", 0.05)
    fake = fake_of_two()
    async with chatting(fake) as running:
        await running.sees("Direct messages")
        fake.post(DIRECT, "linus", "psst")
        await running.sees("@1")
        await open_room(running, "linus")
        await running.sees("@ linus")
        await running.sees("psst")
        await running.sees("offline")
        for member, about in (
            (m.Member("linus", True), "online"),
            (m.Member("linus", True, away="At lunch."), "away: At lunch."),
            (m.Member("linus", False, seen="2001-01-01T12:00:00.000Z"), "last seen 1 Jan 2001"),
        ):
            fake.broadcast(DIRECT, m.Presence(DIRECT, [member]))
            await running.sees(about)
        assert DIRECT not in running.text()
        almost_a_minute = (datetime.now(UTC) - timedelta(seconds=59.7)).isoformat()
        fake.broadcast(DIRECT, m.Presence(DIRECT, [m.Member("linus", False, seen=almost_a_minute)]))
        await running.sees("last seen 1 min ago")  # in time, without any news
        await running.sees("○ linus 1 min ago")

        await running.press("f10")
        await running.sees("Close the conversation with linus?")
        await running.sees("Close  ")  # its button says the same word
        await running.press("y")
        await running.sees("Conversation closed.")


async def test_the_open_room_is_watched_and_shows_presence() -> None:
    fake = fake_with("attic")
    async with chatting(fake) as running:
        await running.press("f6")
        await running.sees("○ linus")
        watched = [request.room for request in fake.requests if isinstance(request, m.Watch)]
        assert watched == ["general", "attic"]
        assert not any(isinstance(request, m.Members) for request in fake.requests)

        fake.broadcast("attic", m.Presence("attic", [m.Member("linus", True, "At lunch.")]))
        await running.sees("◐ linus At lunch.")
        fake.broadcast("attic", m.Changed("attic", "Old things", "linus"))
        await running.sees("# attic  Old things")
        await running.sees("◐ linus (owner)")


async def test_typing_is_shown_until_the_message_arrives() -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        fake.broadcast("general", m.IsTyping("general", "linus"))
        await running.sees("linus is typing…")
        fake.post("general", "linus", "there")

        await running.sees_no("typing…")


async def test_typing_is_reported_now_and_then_but_not_for_commands() -> None:
    fake = fake_with("attic")
    async with chatting(fake) as running:
        await running.write("/away")
        await running.write("\b")
        running.composer.put("")
        running.paste("hello")
        running.paste(" there")
        await running.until(lambda: running.typed == "hello there")
        await running.press("f6")
        await running.sees("Message attic")
        await running.press("f5")
        await running.until(lambda: running.typed == "hello there")

        typed = [request.room for request in fake.requests if isinstance(request, m.Typing)]
        assert typed == ["general"]


async def test_the_away_message_is_set_and_cleared() -> None:
    async with chatting(fake_with()) as running:
        await running.enter("/away")
        await running.sees("You're not away.")
        await running.press("ctrl+u")  # the command that failed
        await running.enter("/away Back at five.")
        await running.sees("You're away: Back at five.")
        await running.sees("ada (away: Back at five.)")

        await running.enter("/away")
        await running.sees("You're no longer away.")
        await running.sees_no("(away")


async def test_a_removed_member_sees_by_whom_and_why() -> None:
    fake = fake_with("attic")
    async with chatting(fake) as running:
        await open_room(running, "attic")
        fake.broadcast("attic", m.Left("attic", "ada", "linus", "Enough.[/]"))

        await running.sees("linus removed you from attic")
        await running.sees("Enough.[/]")
        await running.sees("Message general")


async def test_a_room_closed_by_the_server_shows_the_reason() -> None:
    async with chatting(fake_with("attic")) as running:
        running.fake.broadcast("attic", m.Left("attic", "ada", reason="set aside among many"))

        await running.sees("set aside among many.")


async def test_nobody_who_was_kicked_is_typing() -> None:
    fake = fake_with("attic")
    async with chatting(fake) as running:
        await open_room(running, "attic")
        fake.broadcast("attic", m.IsTyping("attic", "linus"))
        await running.sees("linus is typing…")
        fake.broadcast("attic", m.Left("attic", "linus", by="ada"))

        await running.sees_no("linus is typing…")
