import pytest
from textual.widgets import Static

from chat_tui.commands.keys import KEYS
from chat_tui.commands.parser import offered
from chat_tui.storage.settings import Settings
from chat_tui.ui.dialogs.help import Help, _row
from support.fake_server import FakeServer
from support.tui_chat import chatting, client

pytestmark = pytest.mark.asyncio


async def test_every_key_and_command_is_on_the_page() -> None:
    async with chatting(FakeServer()) as running:
        await running.press("f1")
        await running.sees("Keys and commands")
        page = str(running.app.screen.query_one("VerticalScroll > Static", Static).content)
        page = " ".join(page.split())  # rows that wrap

        assert all(key.what in page for key in KEYS)
        assert all(command.usage in page for command in offered())
        assert page.count("Leave this room (also /leave)") == 1


async def test_typing_filters_the_page() -> None:
    async with chatting(FakeServer()) as running:
        await running.press("f1")
        await running.sees("Keys and commands")
        await running.write("unread")

        await running.sees("next unread room")
        await running.sees_no("/create")
        await running.write("x")
        await running.sees("No matches.")
        await running.press("ctrl+u")
        await running.write("react")
        await running.sees("Add or remove a reaction")  # by the id of its key


async def test_keys_scroll_the_page_to_its_end() -> None:
    async with chatting(FakeServer()) as running:
        await running.press("f1")
        await running.sees("/create NAME")
        await running.press("pagedown", "down")
        await running.sees_no("/create NAME")
        await running.press(*["pagedown"] * 9)
        await running.sees("Quit (you stay")
        await running.press(*["pageup"] * 9, *["up"] * 9)

        await running.sees("/create NAME")


async def test_typing_scrolls_to_the_top() -> None:
    async with chatting(FakeServer()) as running:
        await running.press("f1")
        await running.sees("/create NAME")
        await running.press(*["pagedown"] * 9)
        await running.sees_no("/create NAME")
        await running.write("room")

        await running.sees("/create NAME")


async def test_a_long_description_wraps_within_its_column() -> None:
    assert str(_row("/msg NAME", "send a message to someone", 59)) == (
        f"  {'/msg NAME':<31}send a message to someone"
    )
    assert str(_row("/msg NAME", "send a message to someone", 55)) == (
        f"  {'/msg NAME':<31}send a message to\n{'':33}someone"
    )


async def test_a_narrow_page_has_two_rows_for_each_entry() -> None:
    assert str(_row("/msg NAME", "send a message to someone", 30)) == (
        "  /msg NAME\n    send a message to someone"
    )


async def test_the_keys_are_those_of_the_user() -> None:
    settings = Settings("test.example", "ada", keys={"room.create": "f11"})
    async with chatting(FakeServer(), settings) as running:
        await running.press("f1")
        await running.sees("F11")

        await running.sees_no("Ctrl+N ")


async def test_help_opens_once_and_escape_closes_it() -> None:
    async with chatting(FakeServer()) as running:
        await running.press("f1", "f1")
        await running.sees("Keys and commands")
        assert sum(isinstance(screen, Help) for screen in running.app.screen_stack) == 1
        await running.press("escape")

        await running.sees_no("Keys and commands")


async def test_the_login_has_help_too() -> None:
    async with client(FakeServer()) as running:
        await running.press("f1")
        await running.sees("Keys and commands")
        await running.write("log-in")
        await running.sees("(at log-in)")
