"""A room exported from the full screen."""

import os
from pathlib import Path

import pytest

from chat_shared import messages as m
from chat_tui.model.address import Address, Invitation
from chat_tui.model.premises import IN_BROWSER, KIOSK, Premises
from support.fake_server import FakeServer
from support.tui_chat import chatting, fake_with, open_room

pytestmark = pytest.mark.asyncio

HERE = Invitation(Address(path="/run/chat/proxy.sock", is_private=True))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ".config"))
    monkeypatch.delenv("XDG_DOWNLOAD_DIR", raising=False)
    return tmp_path


def owned() -> FakeServer:
    fake = fake_with("kitchen", "attic")
    fake.rooms["kitchen"].owner = "ada"
    fake.rooms["attic"].owner = "linus"
    fake.post("kitchen", "linus", "Tea?")
    return fake


async def test_a_room_is_exported_by_its_owner(home: Path) -> None:
    async with chatting(owned()) as running:
        await open_room(running, "attic")
        await running.enter("/export")
        await running.sees("Only the owner of attic can export it.")
        await open_room(running, "kitchen")
        await running.enter("/export")
        await running.sees("Exported kitchen to ~/Downloads/kitchen.")

    assert "Tea?" in (home / "Downloads" / "kitchen" / "messages.html").read_text()
    assert os.listdir(home / "Downloads") == ["kitchen"]


async def test_how_far_it_is_is_shown_and_it_can_be_cancelled(home: Path) -> None:
    fake = owned()
    async with chatting(fake) as running:
        await open_room(running, "kitchen")
        await running.sees("Tea?")
        fake.is_slow = True
        await running.enter("/export jsonl")
        await running.sees("Exporting kitchen · 0% · waiting · /cancel")
        assert any(isinstance(r, m.History) and r.after == 0 for r in fake.requests)

        await running.enter("/cancel")

        await running.sees("The export of kitchen was cancelled.")
        await running.sees_no("Exporting")
        fake.is_slow = False
        fake.answer_all()
    assert os.listdir(home / "Downloads") == []


@pytest.mark.parametrize("premises", [KIOSK, IN_BROWSER])
async def test_on_the_servers_computer_nothing_is_exported(home: Path, premises: Premises) -> None:
    async with chatting(owned(), invitation=HERE, premises=premises) as running:
        await open_room(running, "kitchen")
        await running.enter("/export")
        await running.sees("folder of your own computer.")
    assert os.listdir(home) == []
