"""The palette: all commands and keys, by the same table as theirs."""

from collections.abc import Callable

import pytest

from chat_tui.commands.keys import KEYS
from chat_tui.commands.parser import offered
from chat_tui.storage.settings import Settings
from chat_tui.ui.chat.screen import ChatScreen
from support.tui_chat import Client, chatting, fake_with, open_room

pytestmark = pytest.mark.asyncio


def entries(running: Client) -> dict[str, Callable[[], object]]:
    screen = running.app.screen
    return {entry.title: entry.callback for entry in running.app.get_system_commands(screen)}


async def choose(running: Client, typed: str, command: str) -> None:
    await running.press("ctrl+p")
    running.paste(typed)
    await running.sees(f"({command})")
    await running.press("enter")


async def test_every_command_and_every_key_of_the_screen_is_listed() -> None:
    async with chatting(fake_with()) as running:
        titles = set(entries(running))
        screen = running.app.screen
        assert isinstance(screen, ChatScreen)

        assert {f"{command.what} (/{command.name})" for command in offered()} <= titles
        keys = [key for key in KEYS if key.id in screen.controllers.actions]
        assert len(keys) > 15
        assert all(any(title.startswith(key.what) for title in titles) for key in keys)


async def test_chosen_keys_are_shown() -> None:
    settings = Settings("test.example", "ada", keys={"room.previous": "f11"})
    async with chatting(fake_with(), settings) as running:
        screen = running.app.screen
        shown = {each.title: each.help for each in running.app.get_system_commands(screen)}

        assert shown["Go to the previous room"] == "F11"
        assert shown["Go to the next room"] == "F6"


async def test_an_entry_has_the_usage_of_its_command() -> None:
    async with chatting(fake_with()) as running:
        await running.press("ctrl+p")
        running.paste("Ban someone")

        await running.sees("/ban NAME [DURATION] [REASON]")


async def test_every_key_that_the_screen_binds_has_an_action() -> None:
    async with chatting(fake_with()) as running:
        screen = running.app.screen
        assert isinstance(screen, ChatScreen)
        bound = [binding.id for _, binding in screen._bindings if binding.id is not None]

        assert len(bound) > 15
        assert set(bound) <= set(screen.controllers.actions)


async def test_a_command_that_needs_arguments_goes_to_the_composer_with_its_usage() -> None:
    async with chatting(fake_with()) as running:
        await choose(running, "Mute someone", "/mute")
        await running.until(lambda: running.typed == "/mute ")
        await running.sees("/mute NAME [DURATION] [REASON]")
        assert running.composer.has_focus


async def test_a_command_whose_arguments_are_optional_does_nothing_before_enter() -> None:
    fake = fake_with("kitchen")
    async with chatting(fake) as running:
        fake.rooms["kitchen"].owner = "ada"
        await open_room(running, "kitchen")
        entries(running)["Set or clear the topic (/topic)"]()

        await running.until(lambda: running.typed == "/topic ")


async def test_a_command_without_arguments_runs_at_once() -> None:
    async with chatting(fake_with()) as running:
        await choose(running, "Show your devices", "/sessions")

        await running.sees("Your devices")


async def test_what_was_being_typed_can_be_brought_back() -> None:
    async with chatting(fake_with()) as running:
        await running.write("half a thought")
        entries(running)["Kick someone out of this room (/kick)"]()
        await running.until(lambda: running.typed == "/kick ")
        await running.press("ctrl+up")

        await running.until(lambda: running.typed == "half a thought")
