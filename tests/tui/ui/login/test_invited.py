"""A link or ssh brought an invitation: the form offers to create an account with it."""

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Checkbox

from chat_shared import messages as m
from chat_tui.model.address import Address, Invitation
from chat_tui.model.premises import KIOSK
from chat_tui.storage.paths import Paths
from chat_tui.storage.settings import Settings
from support.fake_server import FakeServer
from support.tui_chat import PASSWORD, Client, client, fake_with

pytestmark = pytest.mark.asyncio

CODE = "x0vb-61tq-jj5e"
HERE = Address("test.example")
LINK = f"chat://test.example/kitchen#join-{CODE}"


def inviting(registration: str = "open") -> FakeServer:
    """A server where linus, alone in the kitchen, has invited someone."""
    fake = fake_with("kitchen")
    fake.registration = registration
    del fake.rooms["kitchen"].members["ada"]
    fake.extras.invites.append((CODE, "kitchen", "linus"))
    return fake


def sent(fake: FakeServer, kind: type[m.Request]) -> list[m.Request]:
    return [request for request in fake.requests if type(request) is kind]


@pytest.mark.parametrize("registration", ["open", "invite"])
@pytest.mark.parametrize("room", ["kitchen", ""])  # a link names the room, ssh does not
async def test_a_new_account_stands_in_the_room_at_once(registration: str, room: str) -> None:
    fake = inviting(registration)
    invitation = Invitation(HERE, room, code=CODE)
    async with client(fake, Settings(name="mia"), invitation=invitation) as running:
        await running.sees("You're invited.")
        assert running.field("invite").value == CODE
        await running.enter(PASSWORD)
        await running.enter(PASSWORD)

        await running.sees("Message kitchen")
        assert "mia" in fake.rooms["kitchen"].members


async def test_someone_with_an_account_logs_in_and_joins() -> None:
    fake = inviting()
    invitation = Invitation(Address(path="/run/proxy.sock"), code=CODE)
    async with client(fake, Settings(name="ada"), invitation=invitation, premises=KIOSK) as running:
        await running.press("f2")
        await running.enter(PASSWORD)

        await running.sees("Message kitchen")
        assert not sent(fake, m.Register)


async def test_a_session_that_is_stored_is_used(tmp_path: Path) -> None:
    fake, folder = inviting(), Paths(tmp_path)
    async with client(fake, folder=folder) as running:
        running.app.screen.query_one("#keep", Checkbox).value = True
        await running.enter(PASSWORD)
        await running.until(lambda: folder.tokens.find(HERE.key, "ada") is not None)

    invitation = Invitation(HERE, "kitchen", code=CODE)
    async with client(fake, invitation=invitation, folder=folder) as running:
        await running.sees("Message kitchen")


async def test_a_code_that_was_used_is_reported_at_its_field_and_may_be_left_out() -> None:
    fake = fake_with()
    invitation = Invitation(HERE, code=CODE)
    async with client(fake, Settings(name="mia"), invitation=invitation) as running:
        await running.enter(PASSWORD)
        await running.enter(PASSWORD)
        await running.sees("This invitation is not valid.")
        await running.until(lambda: running.field("invite").input.has_focus)
        await running.press("ctrl+u", "enter")

        await running.sees("Message general")
        assert "mia" in fake.accounts


async def test_a_pasted_link_fills_in_the_code_and_no_other_server_is_sent_it() -> None:
    fake = inviting()
    async with client(fake, Settings("old.example", "mia")) as running:
        running.paste(LINK)
        await running.sees("You're invited.")
        await running.until(lambda: running.field("invite").value == CODE)

        running.field("server").input.value = "other.example"
        await running.enter(PASSWORD)
        await running.enter(PASSWORD)
        await running.sees("Message general")

        [request] = sent(fake, m.Register)
        assert isinstance(request, m.Register)
        assert request.invite == ""
        assert not field_is_left(running)


def field_is_left(running: Client) -> bool:
    """Return whether the invitation would be used again at the next log-in."""
    invitation = running.app._invitation
    return invitation is not None and replace(invitation, code="") != invitation


async def test_on_40_columns_the_way_out_is_in_view() -> None:
    invitation = Invitation(HERE, code=CODE)
    async with client(inviting(), invitation=invitation, size=(40, 20)) as running:
        await running.sees("Enter: create account")
        await running.sees("Ctrl+Q: quit")


async def test_on_24_rows_all_of_the_form_is_in_view() -> None:
    invitation = Invitation(HERE, code=CODE)
    async with client(inviting(), invitation=invitation, size=(80, 24)) as running:
        for shown in ("trialogue", "You're invited.", "Name", CODE, "Keep me logged in"):
            await running.sees(shown)
        await running.sees("Ctrl+Q: quit")
