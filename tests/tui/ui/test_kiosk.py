"""At a kiosk, the client uses nothing of the computer it runs on but one server."""

import os
import webbrowser
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from chat_shared import messages as m
from chat_tui.model.address import Address, Invitation
from chat_tui.model.premises import KIOSK
from chat_tui.ui.messages import GoRequested, LogInRequested
from chat_tui.ui.widgets.composer import Composer
from support.fake_server import FakeServer
from support.tui_chat import PASSWORD, Client, chatting, client, fake_with

pytestmark = pytest.mark.asyncio

HERE = Invitation(Address(path="/run/chat/proxy.sock", is_private=True))
ELSEWHERE = [
    "192.0.2.1", "tcp://127.0.0.1:6379", "unix:///var/run/docker.sock", "[::1]:7667",
    "chat://intranet.example/?fp=SHA256:" + "0" * 64,
]  # fmt: skip


@asynccontextmanager
async def at_a_kiosk(fake: FakeServer | None = None) -> AsyncGenerator[Client]:
    async with chatting(fake or fake_with("kitchen"), invitation=HERE, premises=KIOSK) as running:
        yield running


async def test_the_form_has_no_server_and_keeps_nobody_logged_in() -> None:
    async with client(FakeServer(), invitation=HERE, premises=KIOSK) as running:
        shown = running.text()

        assert "Server" not in shown
        assert "Keep me logged in" not in shown
        assert "Password" in shown


async def test_what_is_wrong_with_the_server_is_shown_without_its_field() -> None:
    async with client(fake_with(), invitation=HERE, premises=KIOSK) as running:
        running.client.reachable = False
        await running.enter(PASSWORD)

        await running.sees("refuses")
        running.client.reachable = True
        await running.press("enter")
        await running.sees("Message general")


@pytest.mark.parametrize("address", ELSEWHERE)
async def test_a_pasted_address_or_link_leads_nowhere_else(address: str) -> None:
    fake = fake_with()
    async with client(fake, invitation=HERE, premises=KIOSK) as running:
        running.paste(address)
        await running.press("ctrl+u")
        await running.enter("correct horse battery")
        await running.until(lambda: running.client.addresses)

        assert running.client.addresses == [HERE.address]


async def test_whatever_asks_for_another_server_gets_this_one() -> None:
    async with client(fake_with(), invitation=HERE, premises=KIOSK) as running:
        elsewhere = Invitation(Address("intranet.example"))
        request = m.Login(id=1, name="ada", password="correct horse battery")
        running.app.post_message(LogInRequested(elsewhere, request, keep=False))
        await running.until(lambda: running.client.addresses)

        assert running.client.addresses == [HERE.address]


async def test_a_link_to_another_server_is_not_followed() -> None:
    async with at_a_kiosk() as running:
        running.app.post_message(GoRequested(Invitation(Address("intranet.example"))))

        await running.until(lambda: "can't be followed" in running.text())
        assert running.client.online


async def test_no_editor_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    monkeypatch.setattr("chat_tui.ui.chat.composing.edit", lambda *more: started.append(more))
    async with at_a_kiosk() as running:
        await running.write("half a thought")
        await running.press("f4")

        await running.until(lambda: "no editor here" in running.text())
        assert started == []
        assert running.typed == "half a thought"


async def test_nothing_returns_to_a_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    signals: list[Any] = []
    monkeypatch.setattr(os, "kill", lambda *more: signals.append(more))
    async with at_a_kiosk() as running:
        await running.press("ctrl+z")
        await running.write("still here")

        await running.until(lambda: running.typed == "still here")
        assert signals == []


async def test_a_link_is_copied_and_no_browser_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def browser(*more: object) -> Any:
        raise AssertionError(more)

    monkeypatch.setattr(webbrowser, "get", browser)
    monkeypatch.setenv("BROWSER", "firefox")
    monkeypatch.setenv("DISPLAY", ":0")
    fake = fake_with()
    fake.post("general", "linus", "see https://example.org/page")
    async with at_a_kiosk(fake) as running:
        await running.press("ctrl+l", "o")

        await running.until(lambda: "Link copied: https://example.org/page" in running.text())
        assert running.app.clipboard == "https://example.org/page"


async def test_help_and_palette_offer_what_is_possible() -> None:
    async with at_a_kiosk() as running:
        await running.press("f1")
        await running.write("editor")
        await running.until(lambda: "No matches" in running.text())
        await running.press("ctrl+u")
        await running.write("suspend")

        await running.until(lambda: "No matches" in running.text())


async def test_nothing_is_written_to_this_computer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    async with at_a_kiosk() as running:
        await running.write("a draft")
        await running.press("enter")
        await running.write("another")
        await running.press("f5")

    assert os.listdir(tmp_path) == []


async def test_nothing_moves_by_itself() -> None:
    async with client(FakeServer(), invitation=HERE, premises=KIOSK) as running:
        fields = running.app.screen.query(Input)
        assert fields
        assert not any(field.cursor_blink for field in fields)
    async with at_a_kiosk() as running:
        assert not running.app.screen.query_one(Composer).cursor_blink
        assert running.app.animation_level == "none"


async def test_a_room_that_was_asked_for_is_opened() -> None:
    there = replace(HERE, room="Kitchen")
    async with chatting(fake_with("kitchen"), invitation=there, premises=KIOSK) as running:
        await running.until(lambda: "Message kitchen" in running.text())
        assert not [r for r in running.fake.requests if isinstance(r, m.Join)]

        running.app.open_room("general")
        await running.until(lambda: "Message general" in running.text())


async def test_who_is_no_member_of_the_room_is_asked_for_its_password() -> None:
    there = replace(HERE, room="cellar")
    async with client(fake_with(), invitation=there, premises=KIOSK) as running:
        await running.enter(PASSWORD)
        await running.until(lambda: "You're not in cellar." in running.text())
        assert not [r for r in running.fake.requests if isinstance(r, m.Join)]  # no attempt


async def test_nobody_sees_where_things_are_on_the_computer() -> None:
    fake = fake_with()
    fake.silent = True
    async with client(fake, invitation=HERE, premises=KIOSK) as running:
        await running.enter(PASSWORD)
        await running.until(lambda: "Connecting…" in running.text())
        assert "proxy.sock" not in running.text()
    async with at_a_kiosk() as running:
        await running.until(lambda: "ada on this server" in running.text())
