"""Invitations without a screen: creating, listing and revoking them, and following one."""

import asyncio

import pytest

from chat_shared import messages as m
from chat_tui.model.address import Invitation
from chat_tui.plain.chat import PlainChat
from chat_tui.plain.gave_up import GaveUp
from chat_tui.storage.paths import Paths
from chat_tui.storage.settings import Settings
from support.fake_server import FakeServer
from support.plain_console import PATIENCE, Console, seat
from support.tui_chat import fake_with
from support.tui_server import tiny_server

pytestmark = pytest.mark.asyncio

CODE = "x0vb-61tq-jj5e"
PASSWORD = "correct horse"


async def _invited(
    fake: FakeServer, name: str, *typed: str, room: str = "", code: str = CODE
) -> Console:
    """Answer with `typed`, having followed an invitation, and leave."""
    fake.extras.invites.append((CODE, "kitchen", "linus"))
    console = Console()
    console.type(*typed)
    console.leave()
    async with tiny_server(fake) as server, asyncio.timeout(PATIENCE):
        chat = PlainChat(console, Settings(name=name), Paths())
        await chat.run(Invitation(server.address, room, code=code))
    return console


async def test_an_invitation_is_printed_and_revoked_by_its_number() -> None:
    fake = fake_with("kitchen")
    typed = ("/go kitchen", "/invite", "/invitations", "2", "/invitations", "1", "/invitations")
    async with seat(fake, "ada", *typed, at_terminal=True) as at:
        assert await at.end() == 0
        shown = at.console.text

    assert "Invitation to kitchen for one person, until 2026-11-30" in shown
    assert "ssh -p 2222 join-x0vb-61tq-jj00@chat.example.org" in shown
    assert f"Host key: SHA256:{'Z' * 43}" in shown
    assert "chat-tui 'chat://chat.example.org:7667/kitchen?fp=SHA256:" in shown
    assert "/join kitchen x0vb-61tq-jj00" in shown
    assert "1. By ada, created 2026-11-22" in shown
    assert "There is no invitation with this number. Nothing was revoked." in shown
    assert "ada revoked an invitation" in shown
    assert "No unused invitations. /invite creates one." in shown


@pytest.mark.parametrize(
    ("registration", "other", "again", "or_none"),
    [
        ("open", "", (), " (or press Enter for none)"),
        ("open", CODE, (), " (or press Enter for none)"),
        ("invite", CODE, ("y",), ""),
    ],
)
async def test_a_code_that_is_refused_gives_way_to_another_or_to_none(
    registration: str, other: str, again: tuple[str, ...], or_none: str
) -> None:
    fake = fake_with("kitchen")
    fake.registration = registration
    once = (PASSWORD, *again, PASSWORD)
    console = await _invited(fake, "mia", *once, other, *once, code="k7qm-2vxh-9rtd")

    asked = [prompt for prompt, _ in console.prompts]
    assert asked.count(f"Another invitation code{or_none}: ") == 1
    assert "This invitation is not valid." in console.text
    assert "mia" in fake.accounts
    assert ("mia" in fake.rooms["kitchen"].members) is bool(other)


async def test_after_five_refused_codes_no_other_is_asked_for() -> None:
    once = (PASSWORD, PASSWORD, "k7qm-2vxh-9rtd")
    with pytest.raises(GaveUp, match="Too many"):
        await _invited(fake_with("kitchen"), "mia", *(once * 5)[:-1], code="k7qm-2vxh-9rtd")


@pytest.mark.parametrize("room", ["kitchen", ""])
async def test_a_new_account_stands_in_the_room(room: str) -> None:
    fake = fake_with("kitchen")
    console = await _invited(fake, "mia", PASSWORD, PASSWORD, room=room)

    assert "You're invited." in console.text
    assert console.prompts[-1][0] == "kitchen> "
    assert "mia" in fake.rooms["kitchen"].members


async def test_where_registration_is_by_invitation_it_is_offered_after_a_wrong_password() -> None:
    fake = fake_with("kitchen")
    fake.registration = "invite"
    console = await _invited(fake, "mia", PASSWORD, "y", PASSWORD)

    assert console.prompts[-1][0] == "kitchen> "


async def test_someone_with_an_account_joins() -> None:
    fake = fake_with("kitchen")
    del fake.rooms["kitchen"].members["ada"]
    console = await _invited(fake, "ada", PASSWORD)

    assert console.prompts[-1][0] == "kitchen> "
    assert not any(isinstance(request, m.Register) for request in fake.requests)
