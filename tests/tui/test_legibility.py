"""All text can be read: every pair of colors that is drawn has contrast, on every terminal."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from textual import constants

from chat_tui.storage.settings import Settings
from chat_tui.ui.widgets.room_list import RoomList
from support.fake_server import FakeServer
from support.tui_chat import Client, chatting, client
from support.tui_colors import illegible, inks
from support.tui_dialogs import DIALOGS, show_dialog

pytestmark = pytest.mark.asyncio

# With sixteen colors or none, the client's own themes are those of the terminal.
THEMES = {
    "truecolor": ("trialogue-dark", "trialogue-light"),
    "256": ("trialogue-dark", "trialogue-light"),
    "standard": ("ansi-dark", "ansi-light"),
    "no colors": ("trialogue-dark", "ansi-light"),
}

_TEXTS = [
    "See https://example.org/dough and `some code`.",
    "> a quote\n- an item, **bold** and *italic*",
    "```python\ndef dough(people: int) -> float:\n    return 0.25  # kilos\n```",
    "```diff\n+ flour\n- sugar\n```",
    "@ada are you in?",
]
_AUTHORS = [
    *("grace", "linus", "edsger", "katherine", "barbara", "alan", "donald", "ken", "niklaus"),
    *("adele", "dennis", "margaret"),
]


@pytest.fixture(params=THEMES)
def terminal(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Make Textual assume a terminal with these colors."""
    colors = str(request.param)
    if colors == "no colors":
        monkeypatch.setenv("NO_COLOR", "1")
    else:
        monkeypatch.setattr(constants, "COLOR_SYSTEM", colors)
    return colors


def _fake() -> FakeServer:
    fake = FakeServer()
    for name in ("ada", *_AUTHORS):
        fake.account(name)
    fake.room("deploys", "k7qm", "ada", "linus")
    for number, author in enumerate(_AUTHORS):
        fake.post("general", author, _TEXTS[number % len(_TEXTS)])
    fake.post("deploys", "linus", "@ada your turn")
    return fake


@asynccontextmanager
async def _chat(size: tuple[int, int] = (120, 40)) -> AsyncGenerator[Client]:
    async with chatting(_fake(), size=size) as running:
        await running.sees(_AUTHORS[-1])
        yield running


async def _illegible(running: Client, terminal: str) -> list[str]:
    """Return what cannot be read on the screen, in each theme of the terminal."""
    found = []
    for theme in THEMES[terminal]:
        await _choose(running, theme)
        found += [f"{theme}: {bad}" for bad in illegible(inks(running.app, terminal))]
    return found


def _illegible_dialog(running: Client, terminal: str) -> list[str]:
    found = list(inks(running.app, terminal, running.app.screen.query_one(".dialog").region))
    return illegible(found) if found else ["nothing is shown"]


async def _choose(running: Client, theme: str) -> None:
    running.app.theme = theme
    await running.settle()


async def test_the_log_in_form_can_be_read(terminal: str) -> None:
    settings = Settings("test.example", "ada")
    async with client(FakeServer(), settings, size=(80, 30)) as running:
        await running.sees("Password")
        assert await _illegible(running, terminal) == []

        await running.press("f2")
        await running.write("abc")
        await running.press("tab")
        await running.sees("Log in instead")
        assert await _illegible(running, terminal) == []


async def test_the_chat_can_be_read(terminal: str) -> None:
    async with _chat() as running:
        await running.press("ctrl+l", "up")
        assert await _illegible(running, terminal) == []

        await running.press("escape")
        running.app.screen.query_one(RoomList).focus()
        await running.press("down")
        running.app.notify("Something happened.", title="News", severity="warning")
        await running.sees("Something happened")
        assert await _illegible(running, terminal) == []

        await running.press("escape")
        await running.write("/jo")
        await running.sees("/join")
        running.client.cut()
        await running.sees("Reconnecting")
        assert await _illegible(running, terminal) == []


async def test_dialogs_can_be_read_whatever_has_the_focus(terminal: str) -> None:
    async with client(FakeServer(), size=(100, 30)) as running:
        for theme in THEMES[terminal]:
            await _choose(running, theme)
            for name, dialog in DIALOGS.items():
                await show_dialog(running, dialog())
                for widget in running.app.screen.focus_chain:
                    widget.focus()
                    await running.settle()
                    assert _illegible_dialog(running, terminal) == [], f"{name} in {theme}"


async def test_lists_and_the_palette_can_be_read(terminal: str) -> None:
    async with _chat((80, 24)) as running:
        for theme in THEMES[terminal]:
            await _choose(running, theme)
            for key, text in (("ctrl+k", "deploys"), ("f1", "Ctrl+N"), ("ctrl+f", "flour")):
                await running.press(key)
                running.paste(text[:2])
                await running.settle()
                assert _illegible_dialog(running, terminal) == [], f"{key} in {theme}"
                await running.app.pop_screen()
            await running.press("ctrl+p")
            running.paste("theme")
            await running.sees("Change")
            for part in ("CommandInput", "CommandList"):
                box = running.app.screen.query_one(part)
                assert illegible(inks(running.app, terminal, box.region)) == [], part
            await running.press("escape")


async def test_faint_text_would_be_found() -> None:
    async with _chat() as running:
        assert illegible(inks(running.app, "truecolor"), least=12)
