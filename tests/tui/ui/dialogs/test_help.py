import pytest
from textual.widgets import Static

from chat_tui.commands.keys import KEYS
from chat_tui.commands.parser import COMMANDS
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
        page = " ".join(page.split())  # whatever did not fit into one row

        assert all(key.what in page for key in KEYS)
        assert all(command.usage in page for command in COMMANDS)


async def test_typing_narrows_the_page_down() -> None:
    async with chatting(FakeServer()) as running:
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


async def test_the_page_is_read_to_its_end_by_keys() -> None:
    async with chatting(FakeServer()) as running:
        await running.press("f1")
        await running.sees("/create NAME")
        await running.press("pagedown", "down")
        await running.sees_no("/create NAME")
        await running.press(*["pagedown"] * 9)
        await running.sees("end the program")
        await running.press(*["pageup"] * 9, *["up"] * 99)

        await running.sees("/create NAME")


async def test_typing_begins_at_the_top_again() -> None:
    async with chatting(FakeServer()) as running:
        await running.press("f1")
        await running.sees("/create NAME")
        await running.press(*["pagedown"] * 9)
        await running.sees_no("/create NAME")
        await running.write("room")

        await running.sees("/create NAME")


async def test_what_does_not_fit_goes_on_under_its_own_beginning() -> None:
    assert str(_row("/msg NAME", "write to one person alone", 54)) == (
        f"  {'/msg NAME':<26}write to one person alone"
    )
    assert str(_row("/msg NAME", "write to one person alone", 50)) == (
        f"  {'/msg NAME':<26}write to one person\n{'':28}alone"
    )


async def test_a_narrow_page_has_two_rows_for_each_thing() -> None:
    assert str(_row("/msg NAME", "write to one person alone", 30)) == (
        "  /msg NAME\n    write to one person alone"
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


async def test_the_log_in_has_help_as_well() -> None:
    async with client(FakeServer()) as running:
        await running.press("f1")
        await running.sees("Keys and commands")
        await running.write("log-in")
        await running.sees("at the log-in")
