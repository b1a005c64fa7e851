import pytest
from textual.widgets import Static

from chat_tui.keys import KEYS
from chat_tui.screens.help import Help
from chat_tui.settings import Settings
from chat_tui.slash import COMMANDS
from support.tui_chat import chatting, client
from support.tui_house import House

pytestmark = pytest.mark.asyncio


async def test_every_key_and_command_is_on_the_page() -> None:
    async with chatting(House()) as running:
        await running.press("f1")
        await running.sees("Keys and commands")
        page = str(running.app.screen.query_one("VerticalScroll > Static", Static).content)

        assert all(key.what in page for key in KEYS)
        assert all(command.usage in page for command in COMMANDS)


async def test_typing_narrows_the_page_down() -> None:
    async with chatting(House()) as running:
        await running.press("f1")
        await running.sees("Keys and commands")
        await running.write("unread")

        await running.sees("next unread room")
        await running.sees_no("/create")
        await running.write("x")
        await running.sees("Nothing is called that.")
        await running.press("ctrl+u")
        await running.write("react")
        await running.sees("put an emoji under it")  # by the name of its key


async def test_the_keys_are_those_of_the_user() -> None:
    settings = Settings("test.example", "ada", keys={"room.create": "f11"})
    async with chatting(House(), settings) as running:
        await running.press("f1")
        await running.sees("F11")

        await running.sees_no("Ctrl+N ")


async def test_help_opens_once_and_escape_closes_it() -> None:
    async with chatting(House()) as running:
        await running.press("f1", "f1")
        await running.sees("Keys and commands")
        assert sum(isinstance(screen, Help) for screen in running.app.screen_stack) == 1
        await running.press("escape")

        await running.sees_no("Keys and commands")


async def test_the_log_in_has_help_as_well() -> None:
    async with client(House()) as running:
        await running.press("f1")
        await running.sees("Keys and commands")
        await running.write("log-in")
        await running.sees("at the log-in")
