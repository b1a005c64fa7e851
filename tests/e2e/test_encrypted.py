"""The client and the installed server over TLS: first connections, links, changed certificates."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from chat_tui.app import ChatApp
from chat_tui.model.address import Invitation, read_invitation
from chat_tui.net.local_server import LocalServer
from chat_tui.storage.paths import Paths
from chat_tui.storage.settings import Settings
from chat_tui.ui.widgets.field import Field
from support.tui_pilot import screen_text, until, until_seen
from support.tui_real_server import real_server
from support.tui_talker import PASSWORD

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(120)]


@asynccontextmanager
async def client(folder: Path, invitation: Invitation, name: str) -> AsyncGenerator[Pilot[None]]:
    app = ChatApp(Settings(name=name), invitation=invitation, folder=Paths(folder))
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        yield pilot


async def enter(pilot: Pilot[None], text: str) -> None:
    pilot.app.post_message(events.Paste(text))
    await pilot.press("enter")


async def register(pilot: Pilot[None], *, trusting: bool = False) -> None:
    """Create an account, after confirming the fingerprint of the server if need be."""
    await until_seen(pilot, "Password")
    pilot.app.screen.query_one("#password", Field).take_focus()
    await enter(pilot, PASSWORD)
    if trusting:
        await until_seen(pilot, "First connection to ")
        await pilot.click("#connect")
    await until_seen(pilot, "Repeat the password")
    await enter(pilot, PASSWORD)
    await until_seen(pilot, "Message ")  # in any room: a link opens one directly


async def test_a_friend_joins_a_room_by_its_link(tmp_path: Path) -> None:
    async with real_server(tmp_path / "data", scheme="tls") as server:
        async with client(tmp_path / "ada", Invitation(server.address), "ada") as pilot:
            await register(pilot, trusting=True)
            await enter(pilot, "/create kitchen")
            await until_seen(pilot, "kitchen is ready")
            await pilot.click("#copy-link")
            await until(pilot, lambda: pilot.app.clipboard.startswith("chat://"))
            link = pilot.app.clipboard
        pinned = (tmp_path / "ada" / "known-servers").read_text()
        assert read_invitation(link).fingerprint in pinned

        async with client(tmp_path / "linus", read_invitation(link), "linus") as pilot:
            await register(pilot)
            await until_seen(pilot, "Message kitchen")


async def test_nothing_is_sent_to_a_changed_certificate_until_it_is_accepted(
    tmp_path: Path,
) -> None:
    data, state = tmp_path / "data", tmp_path / "state"
    async with real_server(data, scheme="tls") as server:
        async with client(state, Invitation(server.address), "ada") as pilot:
            await register(pilot, trusting=True)
        await server.stop()
        for file in ("tls.key", "tls.crt"):
            (data / file).unlink()
        await server.start()

        async with client(state, Invitation(server.address), "ada") as pilot:
            await until_seen(pilot, "Password")
            await enter(pilot, PASSWORD)
            await until_seen(pilot, "Trust the new fingerprint")
            await until_seen(pilot, "has changed")
            await pilot.press("enter")
            await until(pilot, lambda: "Trust the new fingerprint" not in screen_text(pilot.app))
            await pilot.press("enter")
            await until_seen(pilot, "Trust the new fingerprint")
            await pilot.press("tab", "enter")

            await until_seen(pilot, "Message general")


async def test_a_link_with_a_wrong_fingerprint_sends_nothing(
    tmp_path: Path,
) -> None:
    async with real_server(tmp_path / "data", scheme="tls") as server:
        lie = Invitation(server.address, "kitchen", "pw", f"SHA256:{'0' * 64}")
        async with client(tmp_path / "state", lie, "ada") as pilot:
            await until_seen(pilot, "Password")
            await enter(pilot, PASSWORD)

            await until_seen(pilot, "Nothing was sent.")
            assert not (tmp_path / "state").exists()


async def test_a_local_server_needs_no_password_the_second_time(
    tmp_path: Path,
) -> None:
    for again in (False, True):
        with LocalServer(tmp_path / "data") as server:
            address = await asyncio.to_thread(server.wait_ready)
            assert address.path
            own = Invitation(address, local=True)
            async with client(tmp_path / "state", own, "ada") as pilot:
                if not again:
                    await register(pilot)
                await until_seen(pilot, "Message general")
                sessions = tmp_path / "state" / "sessions.json"
                await until(pilot, sessions.exists)
