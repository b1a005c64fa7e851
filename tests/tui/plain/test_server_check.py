"""A server is trusted before anything is asked that is meant for it alone."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chat_tui.model.address import Address, Invitation
from chat_tui.plain.chat import PlainChat
from chat_tui.plain.gave_up import GaveUp
from chat_tui.plain.server_check import check_server
from chat_tui.storage.paths import Paths
from chat_tui.storage.settings import Settings
from support.fake_server import FakeServer
from support.plain_console import CTRL_C, Console
from support.tls import own_credentials
from support.tui_server import TinyServer, tiny_server

pytestmark = pytest.mark.asyncio

_QUESTION = ("Connect? [y/N] ", False)


@asynccontextmanager
async def _encrypted(tmp_path: Path) -> AsyncGenerator[TinyServer]:
    fake = FakeServer()
    fake.account("ada")
    async with tiny_server(fake, context=own_credentials(tmp_path / "tls").context) as server:
        yield server


async def _log_in(server: TinyServer, console: Console, folder: Paths, token: str = "") -> None:
    console.leave()
    chat = PlainChat(console, Settings(name="ada"), folder)
    await chat.run(Invitation(server.address), token)


async def test_the_password_is_asked_for_once_the_fingerprint_is_confirmed(tmp_path: Path) -> None:
    folder, console = Paths(tmp_path / "state"), Console()
    console.type("y", "correct horse")
    async with _encrypted(tmp_path) as server:
        await _log_in(server, console, folder)

        assert console.prompts[:2] == [_QUESTION, ("Password: ", True)]
        assert folder.known.find(server.address) in console.written[0]
        again = Console()
        again.type("correct horse")
        await _log_in(server, again, folder)
    assert again.prompts[0] == ("Password: ", True)


async def test_a_socket_on_this_computer_need_not_be_there_yet(tmp_path: Path) -> None:
    to = Invitation(Address("", path=str(tmp_path / "chat.sock")))

    await check_server(Console(), Paths(tmp_path).known, to)


@pytest.mark.parametrize("answers", [[""], ["n"], ["correct horse"], [CTRL_C], []])
async def test_without_a_yes_nothing_is_sent_or_remembered(
    tmp_path: Path, answers: list[str]
) -> None:
    folder, console = Paths(tmp_path / "state"), Console()
    console.type(*answers)
    async with _encrypted(tmp_path) as server:
        with pytest.raises(GaveUp, match="Nothing was sent"):
            await _log_in(server, console, folder)

        assert console.prompts == [_QUESTION]
        assert not folder.known.find(server.address)
        assert not server.fake.requests


@pytest.mark.parametrize("token", ["", "secret"])
async def test_a_script_is_told_how_to_name_the_server(tmp_path: Path, token: str) -> None:
    console = Console(has_person=False)
    async with _encrypted(tmp_path) as server:
        with pytest.raises(GaveUp, match=r"Nothing was sent\..* the link chat://127.*fp=SHA256:"):
            await _log_in(server, console, Paths(tmp_path / "state"), token)
        assert not server.fake.requests
    assert not console.prompts


async def test_a_fingerprint_that_changed_is_no_question(tmp_path: Path) -> None:
    folder, console = Paths(tmp_path / "state"), Console()
    async with _encrypted(tmp_path) as server:
        folder.known.remember(server.address, f"SHA256:{'0' * 64}")
        with pytest.raises(GaveUp, match=r"has changed.*set its line in"):
            await _log_in(server, console, folder)
    assert not console.prompts


async def test_a_fingerprint_that_cannot_be_saved_holds_for_this_session(tmp_path: Path) -> None:
    (tmp_path / "state").symlink_to(tmp_path / "nowhere")
    console = Console()
    console.type("y", "correct horse")
    async with _encrypted(tmp_path) as server:
        await _log_in(server, console, Paths(tmp_path / "state"))
    assert "Can't write" in console.text
    assert console.prompts[-1][0] == "general> "


async def test_a_server_that_is_not_there_is_a_sentence_before_any_question() -> None:
    console = Console()
    chat = PlainChat(console, Settings(name="ada"), Paths())
    with pytest.raises(GaveUp, match="refuses connections on port 1"):
        await chat.run(Invitation(Address("127.0.0.1", 1, plain=True)))
    assert not console.prompts
