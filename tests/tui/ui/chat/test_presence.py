"""Who is here, who types, and what the terminal says to somebody who looks elsewhere."""

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
    """Return a house where ada and linus have a room of their own."""
    fake = fake_with("attic")
    fake.room(DIRECT, "", "ada", "linus")
    return fake


def listen(running: Client) -> list[str]:
    """Return what the terminal is told from now on."""
    screen = running.app.screen
    assert isinstance(screen, ChatScreen)
    written: list[str] = []
    screen.terminal = Terminal(written.append, {})
    return written


async def look_elsewhere(running: Client) -> None:
    running.app.post_message(events.AppBlur())
    await running.until(lambda: not running.app.app_focus)


async def test_somebody_who_looks_elsewhere_is_told_once_of_what_is_said_to_them() -> None:
    fake = fake_of_two()
    settings = Settings("test.example", "ada", notify="osc9")
    async with chatting(fake, settings) as running:
        told = listen(running)
        fake.post("general", "linus", "@ada while you look")
        await running.sees("while you look")
        await look_elsewhere(running)
        fake.post("general", "linus", "not to you")
        await running.sees("not to you")
        assert not [sequence for sequence in told if "]9;" in sequence]

        fake.post("attic", "linus", "@ada soup\x1b]52;")
        fake.post(DIRECT, "linus", "and bread")
        await running.until(lambda: [sequence for sequence in told if "]9;" in sequence])

        notified = [sequence for sequence in told if "]9;" in sequence]
        assert notified == ["\x1b]9;Trialogue: linus in attic: @ada soup␛]52;\x1b\\"]
        await running.until(lambda: told[-1] == "\x1b]2;(@2 3) Trialogue · general\x1b\\")


async def test_what_a_room_tells_is_chosen_and_remembered(tmp_path: Path) -> None:
    fake = fake_with()
    path = tmp_path / "settings.json"
    async with client(fake, path=path) as running:
        await running.enter(PASSWORD)
        await running.sees("Message ")
        told = listen(running)
        await running.enter("/notify all")
        await running.sees("you are told of everything here")
        await look_elsewhere(running)
        fake.post("general", "linus", "to nobody")
        await running.until(lambda: "\a" in told)

        running.app.post_message(events.AppFocus())
        await running.enter("/notify off")
        await running.sees("you are told of nothing here")
        await running.enter("/notify loudly")
        await running.sees("Usage: /notify all")
        levels = {"test.example:7667": {"general": "off"}}
        assert stored.load(path).notify_rooms == levels


async def test_rooms_of_two_are_called_by_the_other_one_everywhere(
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
        await running.sees("not here")
        for member, about in (
            (m.Member("linus", True), "online"),
            (m.Member("linus", True, away="At lunch."), "away: At lunch."),
            (m.Member("linus", False, seen="2001-01-01T12:00:00.000Z"), "last here 1 Jan 2001"),
        ):
            fake.broadcast(DIRECT, m.Presence(DIRECT, [member]))
            await running.sees(about)
        assert DIRECT not in running.text()
        almost_a_minute = (datetime.now(UTC) - timedelta(seconds=59.7)).isoformat()
        fake.broadcast(DIRECT, m.Presence(DIRECT, [m.Member("linus", False, seen=almost_a_minute)]))
        await running.sees("last here 1 min ago")  # in time, without any news
        await running.sees("○ linus 1 min ago")

        await running.press("f10")
        await running.sees("Close the conversation with linus?")
        await running.sees("Close  ")  # its button says the same word
        await running.press("y")
        await running.sees("The conversation is closed.")


async def test_the_room_that_is_open_is_watched_and_those_in_it_come_and_go() -> None:
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
        await running.sees("◐ linus (owner) …")


async def test_who_types_is_shown_until_they_have_said_it() -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        fake.broadcast("general", m.IsTyping("general", "linus"))
        await running.sees("linus is typing…")
        fake.post("general", "linus", "there")

        await running.sees_no("typing…")


async def test_typing_is_told_now_and_then_and_a_command_is_nobodys_business() -> None:
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


async def test_one_is_away_and_back() -> None:
    async with chatting(fake_with()) as running:
        await running.enter("/away")
        await running.sees("You are not away.")
        await running.enter("/away Back at five.")
        await running.sees("You're away: Back at five.")
        await running.sees("ada (away: Back at five.)")

        await running.enter("/away")
        await running.sees("You're no longer away.")
        await running.sees_no("(away")


async def test_whoever_was_sent_away_is_told_by_whom_and_why() -> None:
    fake = fake_with("attic")
    async with chatting(fake) as running:
        await open_room(running, "attic")
        fake.broadcast("attic", m.Left("attic", "ada", "linus", "Enough.[/]"))

        await running.sees("linus removed you from attic")
        await running.sees("Enough.[/]")
        await running.sees("Message general")


async def test_of_a_room_of_two_that_the_server_sets_aside_one_is_told_why() -> None:
    async with chatting(fake_with("attic")) as running:
        running.fake.broadcast("attic", m.Left("attic", "ada", reason="set aside among many"))

        await running.sees("set aside among many.")
