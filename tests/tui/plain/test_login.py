"""One gets in by answering questions, and hears in a sentence why not."""

import asyncio
from pathlib import Path

import pytest

from chat_shared import messages as m
from chat_tui.model.address import Address, Invitation
from chat_tui.net.disconnect import TrustMismatch
from chat_tui.net.events import TrustNeeded
from chat_tui.plain.chat import PlainChat
from chat_tui.plain.gave_up import GaveUp
from chat_tui.storage.paths import Paths
from chat_tui.storage.settings import Settings
from support.fake_server import FakeServer
from support.plain_console import PATIENCE, Console, seat
from support.tui_server import tiny_server

pytestmark = pytest.mark.asyncio


def _fake() -> FakeServer:
    fake = FakeServer()
    fake.account("ada")
    return fake


async def _enter(
    fake: FakeServer, *typed: str, name: str = "ada", token: str = "", named: str = ""
) -> Console:
    """Answer with `typed` and leave; return what was seen. Raises GaveUp."""
    console = Console()
    console.type(*typed)
    console.leave()
    async with tiny_server(fake) as server, asyncio.timeout(PATIENCE):
        chat = PlainChat(console, Settings(name=name), Paths(), account=named)
        await chat.run(Invitation(server.address), token)
    return console


async def test_name_and_password_let_one_in_and_the_password_is_not_shown() -> None:
    console = await _enter(_fake(), "ada", "correct horse", name="")

    assert console.prompts[:2] == [("Name: ", False), ("Password: ", True)]
    assert console.prompts[2][0] == "general> "


async def test_a_wrong_password_is_shown_and_asked_for_again() -> None:
    console = await _enter(_fake(), "wrong horse", "correct horse")

    assert [prompt for prompt, _ in console.prompts].count("Password: ") == 2
    assert console.prompts[-1][0] == "general> "


async def test_a_new_name_registers_after_the_password_was_typed_twice() -> None:
    fake = _fake()
    console = await _enter(fake, "correct horse", "correct horse", name="grace")

    assert "There is no account named grace on this server yet." in console.text
    assert "grace" in fake.accounts


@pytest.mark.parametrize(
    ("code", "is_created"), [("k7qm-2vxh-9rtd", True), ("wrong", False), ("", False)]
)
async def test_an_invitation_registers_a_new_name(code: str, is_created: bool) -> None:
    fake = FakeServer(registration="invite")
    fake.invitations.add("k7qm-2vxh-9rtd")
    typed = ["correct horse", code, "correct horse"]
    try:
        console = await _enter(fake, *typed, name="grace")
    except GaveUp:
        assert not is_created
    else:
        assert console.prompts[1][0].startswith("New here? Type your invitation code")
    assert ("grace" in fake.accounts) == is_created


async def test_two_different_passwords_register_nobody() -> None:
    fake = _fake()
    with pytest.raises(GaveUp, match="don't match"):
        await _enter(fake, "correct horse", "wrong horse", name="grace")

    assert "grace" not in fake.accounts


async def _token(fake: FakeServer) -> str:
    async with seat(fake) as at:
        await at.console.asked("general> ")
        return next(iter(fake.tokens))


async def test_a_token_lets_one_in_without_a_question() -> None:
    fake = _fake()
    token = await _token(fake)
    for named in ("", "Ada"):
        console = await _enter(fake, name="", token=token, named=named)

        assert console.prompts[0][0] == "general> "


async def test_a_token_of_another_than_is_named_admits_nobody_in() -> None:
    fake = _fake()
    token = await _token(fake)
    with pytest.raises(GaveUp, match="token belongs to ada, but --name says grace"):
        await _enter(fake, "hello", token=token, named="grace")

    assert not fake.posts()


async def test_a_void_token_is_the_reason_and_what_is_typed_is_no_password() -> None:
    fake = _fake()
    with pytest.raises(GaveUp, match="--new-token"):
        await _enter(fake, "meant for the room", token="void")

    assert not any(isinstance(request, m.Login) for request in fake.requests)


async def test_a_kept_session_that_is_revoked_is_shown_and_the_password_asked_for(
    tmp_path: Path,
) -> None:
    folder = Paths(tmp_path)
    async with tiny_server(_fake()) as server, asyncio.timeout(PATIENCE):
        folder.tokens.keep(server.address.key, "ada", "void")
        console = Console()
        console.type("correct horse")
        console.leave()
        chat = PlainChat(console, Settings(name="ada"), folder)
        await chat.run(Invitation(server.address))

    assert "This session has ended." in console.text
    assert [prompt for prompt, _ in console.prompts] == ["Password: ", "general> "]


async def test_logging_out_forgets_the_session_that_is_kept(tmp_path: Path) -> None:
    fake, folder, console = _fake(), Paths(tmp_path), Console()
    token = await _token(fake)
    console.type("/logout")
    async with tiny_server(fake) as server, asyncio.timeout(PATIENCE):
        key = folder.key_of(server.address)
        folder.tokens.keep(key, "ada", token)
        await PlainChat(console, Settings(name="ada"), folder).run(Invitation(server.address))

    assert not any(secret for _, secret in console.prompts)
    assert folder.tokens.find(key, "ada") is None


async def test_what_is_too_long_for_any_server_is_shown_at_once() -> None:
    console = await _enter(_fake(), "x" * 100_000, "correct horse")

    assert "The name or the password is too long, or isn't text." in console.text


async def test_no_answer_is_giving_up() -> None:
    with pytest.raises(GaveUp, match="input ended"):
        await _enter(_fake())


async def test_a_server_is_asked_for_until_it_can_be_one() -> None:
    console = Console()
    fake = _fake()
    async with tiny_server(fake) as server, asyncio.timeout(PATIENCE):
        console.type("no server", str(server.address), "correct horse")
        console.leave()
        await PlainChat(console, Settings(name="ada"), Paths()).run(None)

    assert [prompt for prompt, _ in console.prompts[:2]] == ["Server: "] * 2
    assert "HOST" in console.written[0]


async def test_the_server_of_the_last_time_is_offered() -> None:
    console = Console()
    console.type("", "correct horse")
    console.leave()
    async with tiny_server(_fake()) as server, asyncio.timeout(PATIENCE):
        settings = Settings(name="ada", server=str(server.address))
        await PlainChat(console, settings, Paths()).run(None)

    assert console.prompts[0][0] == f"Server [{server.address}]: "
    assert console.prompts[-1][0] == "general> "


async def test_a_server_that_shows_something_else_by_now_is_shown_with_what_to_compare() -> None:
    console = Console()
    chat = PlainChat(console, Settings(), Paths())
    mismatch = TrustMismatch("SHA256:" + "a" * 64, "SHA256:" + "b" * 64)

    chat.show_event(TrustNeeded(Address("chat.example.org"), mismatch))

    (advice,) = console.written
    assert mismatch.known in advice
    assert mismatch.shown in advice
