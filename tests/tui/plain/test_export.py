"""A room exported without a screen."""

import os
from pathlib import Path

import pytest

from chat_shared import messages as m
from chat_tui.model.premises import KIOSK
from support.client_reports import until
from support.fake_server import FakeServer
from support.plain_console import seat
from support.tui_chat import fake_with

pytestmark = pytest.mark.asyncio


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ".config"))
    monkeypatch.delenv("XDG_DOWNLOAD_DIR", raising=False)
    return tmp_path


def owned() -> FakeServer:
    fake = fake_with("kitchen")
    fake.rooms["kitchen"].owner = "ada"
    fake.post("kitchen", "linus", "Tea?", files=(fake.files.add("a.pdf", b"soup"),))
    return fake


async def test_a_script_goes_on_once_the_room_is_there(home: Path) -> None:
    async with seat(owned(), "ada", "/go kitchen", "/export markdown", "/export jsonl") as at:
        assert await at.end() == 0

        assert at.console.written[-4:] == [
            "Exporting kitchen. /cancel stops it.",
            "Exported kitchen to ~/Downloads/kitchen.",
            "Exporting kitchen. /cancel stops it.",
            "Exported kitchen to ~/Downloads/kitchen (1).",
        ]
    folder = home / "Downloads" / "kitchen"
    assert "> Tea?" in (folder / "messages.md").read_text()
    assert [path.read_bytes() for path in folder.rglob("a.pdf")] == [b"soup"]


async def test_at_a_terminal_it_goes_on_beside_the_typing_until_it_is_cancelled(
    home: Path,
) -> None:
    fake = owned()
    async with seat(fake, "ada", at_terminal=True) as at:
        at.console.type("/go kitchen")
        await at.console.until("Tea?")
        fake.is_slow = True
        at.console.type("/export")
        await until(lambda: any(isinstance(r, m.History) and r.after == 0 for r in fake.requests))
        at.console.type("/files")
        await at.console.until("Exporting kitchen · 0% · waiting")
        at.console.type("/cancel")
        await at.console.until("The export of kitchen was cancelled.")

        fake.is_slow = False
        fake.answer_all()
        await at.end()
    assert os.listdir(home / "Downloads") == []


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("/export", "general has no owner. Its operator can export it: chat-server export general"),
        ("/export pdf", "Usage: /export [html|markdown|jsonl]"),
    ],
)
async def test_why_there_is_no_export_is_told(typed: str, sentence: str, home: Path) -> None:
    async with seat(owned(), "ada", typed) as at:
        assert await at.end() == 1
        assert at.console.written[-1] == sentence
    assert os.listdir(home) == []


async def test_a_room_that_is_gone_cannot_be_exported(home: Path) -> None:
    async with seat(owned(), "ada", "/go kitchen") as at:
        await at.console.asked("kitchen> ")
        at.fake.broadcast("kitchen", m.Left("kitchen", "ada", "ben", "", "kick"))
        await at.console.until("ben kicked you from kitchen")
        at.console.type("/export")
        await at.console.until("You're no longer in this room.")
    assert os.listdir(home) == []


async def test_on_the_servers_computer_nothing_is_exported(home: Path) -> None:
    async with seat(owned(), "ada", "/go kitchen", "/export", premises=KIOSK) as at:
        assert await at.end() == 1
        assert "folder of your own computer." in at.console.written[-1]
    assert os.listdir(home) == []
