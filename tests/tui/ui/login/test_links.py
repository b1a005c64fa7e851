"""A link that is pasted or typed at the log-in, and where it leads."""

from functools import partial

import pytest

from chat_tui.model.address import Address, Invitation
from chat_tui.storage.settings import Settings
from support.fake_server import FakeServer
from support.tui_chat import PASSWORD, Client, chatting, client

pytestmark = pytest.mark.asyncio


LINK = f"chat://pasta.example:1/kitchen?fp=SHA256:{'a' * 64}#k7qm"


@pytest.mark.parametrize("at", ["server", "name", "password"])
async def test_a_pasted_link_fills_everything_in_and_leads_to_the_room(at: str) -> None:
    fake = FakeServer()
    fake.account("ada")
    fake.room("kitchen", "k7qm")
    async with client(fake) as running:
        running.field(at).take_focus()
        await running.pilot.pause()
        running.paste(LINK)
        await running.until(lambda: running.field("server").value == "pasta.example:1")
        assert running.field("name").value == "ada"
        assert running.field("password").value == ""
        await running.sees("You'll join kitchen after you log in.")
        await running.enter(PASSWORD)

        await running.sees("Message kitchen")
        assert running.client.fingerprint == f"SHA256:{'a' * 64}"


async def test_a_typed_link_does_the_same() -> None:
    fake = FakeServer()
    fake.account("ada")
    fake.room("kitchen", "k7qm")
    async with client(fake, Settings("", "ada")) as running:
        await running.until(lambda: running.field("server").input.has_focus)
        running.field("server").value = LINK
        await running.press("enter")
        await running.enter(PASSWORD)

        await running.sees("Message kitchen")
        assert running.client.fingerprint == f"SHA256:{'a' * 64}"


async def test_a_server_typed_over_a_link_is_not_checked_against_its_fingerprint() -> None:
    fake = FakeServer()
    fake.account("ada")
    async with client(fake) as running:
        running.paste(LINK)
        await running.until(lambda: running.field("server").value == "pasta.example:1")
        running.field("server").value = "other.example"
        running.field("password").value = PASSWORD
        running.field("password").take_focus()
        await running.press("enter")

        await running.sees("Message general")
        assert running.client.fingerprint == ""


async def test_a_pasted_link_that_leads_nowhere_gets_a_sentence() -> None:
    async with client(FakeServer()) as running:
        running.paste("chat://ada@host/x")

        await running.sees("A link needs a server")


async def test_an_invitation_fills_in_the_server_and_opens_its_room() -> None:
    fake = FakeServer()
    fake.room("kitchen", "k7qm")
    invitation = Invitation(Address("pasta.example", 1), "kitchen", "k7qm")
    async with chatting(fake, invitation=invitation) as running:
        await running.sees("Message kitchen")
        assert "ada" in fake.rooms["kitchen"].members


async def test_a_paste_at_a_button_goes_into_the_first_empty_field() -> None:
    async with client(FakeServer(), Settings("chat.example:1")) as running:
        for at, text in {"name": "ada", "password": "correct horse"}.items():
            running.app.screen.query_one("#submit").focus()
            await running.pilot.pause()
            running.paste(text)
            await running.until(partial(_holds, running, at, text))

        running.app.screen.query_one("#submit").focus()
        await running.pilot.pause()
        running.paste("once more")
        await running.sees("Every field is filled in.")
        running.paste(LINK)
        await running.sees("You'll join")
        assert running.field("password").value == "correct horse"


def _holds(running: Client, at: str, text: str) -> bool:
    return running.field(at).value == text
