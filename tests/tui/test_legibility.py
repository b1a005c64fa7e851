"""All text can be read: every pair of colors that is drawn has contrast, on every terminal."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from textual import constants
from textual.geometry import Region

from chat_tui.storage.settings import Settings
from chat_tui.ui.widgets.room_list import RoomList
from support.fake_server import FakeServer
from support.tui_chat import Client, chatting, client
from support.tui_colors import illegible, inks
from support.tui_dialogs import DIALOGS

pytestmark = pytest.mark.asyncio

# With sixteen colors or none, the client's own themes are those of the terminal.
COMBINATIONS = [
    *(("truecolor", "trialogue-dark"), ("truecolor", "trialogue-light")),
    *(("256", "trialogue-dark"), ("256", "trialogue-light")),
    *(("standard", "ansi-dark"), ("standard", "ansi-light")),
    *(("no colors", "trialogue-dark"), ("no colors", "ansi-light")),
]

_TEXTS = [
    "See https://example.org/dough and `some code`.",
    "> a quote\n- an item, **bold** and *italic*",
    "```python\ndef dough(people: int) -> float:\n    return 0.25  # kilos\n```",
    "```diff\n+ flour\n- sugar\n```",
    "@ada are you in?",
]
_AUTHORS = ["grace", "linus", "edsger", "katherine", "barbara", "alan", "donald", "ken", "niklaus"]


@pytest.fixture(params=COMBINATIONS, ids=" ".join)
def look(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Make Textual assume a terminal with these colors; return them and a theme."""
    terminal, theme = request.param
    if terminal == "no colors":
        monkeypatch.setenv("NO_COLOR", "1")
    else:
        monkeypatch.setattr(constants, "COLOR_SYSTEM", terminal)
    return terminal, theme


def _fake() -> FakeServer:
    fake = FakeServer()
    for name in ("ada", *_AUTHORS):
        fake.account(name)
    fake.room("deploys", "k7qm", "ada", "linus")
    for number in range(3 * len(_AUTHORS)):
        fake.post("general", _AUTHORS[number % len(_AUTHORS)], _TEXTS[number % len(_TEXTS)])
    fake.post("deploys", "linus", "@ada your turn")
    return fake


@asynccontextmanager
async def _chat(theme: str) -> AsyncGenerator[Client]:
    settings = Settings("test.example", "ada", theme=theme)
    async with chatting(_fake(), settings, size=(120, 40)) as running:
        await running.sees("niklaus")
        yield running


def _illegible(running: Client, terminal: str, region: Region | None = None) -> list[str]:
    return illegible(inks(running.app, terminal, region))


async def test_the_log_in_form_can_be_read(look: tuple[str, str]) -> None:
    terminal, theme = look
    settings = Settings("test.example", "ada", theme=theme)
    async with client(FakeServer(), settings, size=(80, 30)) as running:
        await running.sees("Password")
        assert _illegible(running, terminal) == []

        await running.press("f2")
        await running.write("abc")
        await running.press("tab")
        await running.sees("Log in instead")
        assert _illegible(running, terminal) == []


async def test_the_chat_can_be_read(look: tuple[str, str]) -> None:
    terminal, theme = look
    async with _chat(theme) as running:
        assert _illegible(running, terminal) == []

        await running.press("ctrl+l", "up", "up", "plus")
        await running.press("escape", "escape")
        running.app.screen.query_one(RoomList).focus()
        await running.press("down")
        assert _illegible(running, terminal) == []

        await running.press("escape")
        await running.write("/jo")
        await running.sees("/join")
        assert _illegible(running, terminal) == []

        await running.press("enter")
        running.client.cut()
        running.app.notify("Something happened.", title="News", severity="warning")
        await running.sees("Reconnecting")
        await running.sees("Something happened")
        assert _illegible(running, terminal) == []


async def test_dialogs_can_be_read_whatever_has_the_focus(look: tuple[str, str]) -> None:
    terminal, theme = look
    async with _chat(theme) as running:
        for name, dialog in DIALOGS.items():
            await running.app.push_screen(dialog())
            await running.pilot.pause()
            box = running.app.screen.query_one(".dialog")
            for _ in range(4):
                assert _illegible(running, terminal, box.region) == [], name
                await running.press("tab")
            await running.press("escape")


async def test_lists_and_the_palette_can_be_read(look: tuple[str, str]) -> None:
    terminal, theme = look
    async with _chat(theme) as running:
        for key, text in (("ctrl+k", "deploys"), ("f1", "Ctrl+N"), ("ctrl+f", "flour")):
            await running.press(key)
            await running.write(text[:2])
            await running.pilot.pause()
            box = running.app.screen.query_one(".dialog")
            assert _illegible(running, terminal, box.region) == [], key
            await running.press("escape")
            await running.press("escape")
        await running.press("ctrl+p")
        await running.sees("Theme")
        for part in ("CommandInput", "CommandList"):
            box = running.app.screen.query_one(part)
            assert _illegible(running, terminal, box.region) == [], part


async def test_faint_text_would_be_found() -> None:
    async with _chat("trialogue-dark") as running:
        assert illegible(inks(running.app, "truecolor"), least=12)
