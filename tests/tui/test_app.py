from pathlib import Path

import pytest

from chat_shared import messages as m
from chat_tui.app import ChatApp
from chat_tui.net.events import Received
from chat_tui.storage.settings import Settings, load
from support.fake_server import FakeServer
from support.tui_chat import PASSWORD, chatting, client

pytestmark = pytest.mark.asyncio


async def test_server_and_name_of_the_log_in_are_remembered_and_no_password(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    fake = FakeServer()
    fake.account("Ada")
    async with client(fake, Settings("test.example", "ada"), path=path) as running:
        await running.enter(PASSWORD)
        await running.sees("Message general")

    assert load(path) == Settings("test.example", "Ada")
    assert PASSWORD not in path.read_text()


async def test_a_theme_that_is_chosen_is_remembered(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    async with client(FakeServer(), path=path) as running:
        running.app.theme = "trialogue-light"
        await running.until(path.exists)

    assert load(path).theme == "trialogue-light"


async def test_a_theme_that_does_not_exist_is_ours() -> None:
    assert ChatApp(Settings(theme="nonsense")).theme == "trialogue-dark"


async def test_settings_that_cannot_be_written_do_not_end_the_chat(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    fake = FakeServer()
    fake.account("ada")
    async with client(fake, path=tmp_path / "file" / "settings.json") as running:
        await running.enter(PASSWORD)

        await running.sees("Message general")


async def test_the_palette_runs_what_a_key_does() -> None:
    async with chatting(FakeServer()) as running:
        await running.press("ctrl+p")
        running.paste("create a room")
        await running.sees("Create a room")
        await running.press("enter")

        await running.sees("one word, such as kitchen")


async def test_the_palette_chooses_a_theme() -> None:
    async with chatting(FakeServer()) as running:
        commands = [
            command.title for command in running.app.get_system_commands(running.app.screen)
        ]

        assert "Theme" in commands
        assert "Leave this room (/exit)" in commands
        assert len(commands) == len(set(commands))


async def test_every_screen_that_waits_receives_its_reply_and_no_other() -> None:
    fake = FakeServer()
    async with chatting(fake) as running:
        await running.press("ctrl+n")
        await running.sees("Create a room")
        fake.broadcast("general", m.Notice("soup"))
        running.client.send(m.Create(id=1, room="attic"))
        await running.sees("attic")
        await running.sees("Create a room")


async def test_events_received_before_the_chat_opens_are_shown_in_it() -> None:
    fake = FakeServer()
    fake.account("ada")
    async with client(fake) as running:
        running.client.deliver(Received((m.Notice("soup is on"),)))
        await running.enter(PASSWORD)

        await running.sees("Message general")
        await running.sees("soup is on")


async def test_the_focus_of_the_terminal_decides_what_is_read() -> None:
    fake = FakeServer()
    async with chatting(fake) as running:
        running.app.app_focus = False
        fake.post("general", "linus", "psst")
        await running.sees("psst")
        assert running.app.state.unread == 1

        running.app.app_focus = True

        await running.until(lambda: running.app.state.unread == 0)


async def test_ctrl_c_copies_what_is_selected_or_says_once_how_to_quit() -> None:
    settings = Settings("test.example", "ada", keys={"quit": "ctrl+x"})
    async with chatting(FakeServer(), settings) as running:
        await running.write("soup")
        await running.press("ctrl+c", "ctrl+c")
        await running.sees("To quit, press Ctrl+X.")
        assert running.text().count("To quit") == 1

        running.composer.select_all()
        await running.press("ctrl+c")
        await running.until(lambda: running.app.clipboard == "soup")
        assert running.typed == "soup"
