"""Guests without a screen: a name is enough, and /keep makes the account permanent."""

import asyncio

import pytest

from chat_shared import messages as m
from chat_tui.model.address import Invitation
from chat_tui.plain import sentences
from chat_tui.plain.chat import PlainChat
from chat_tui.plain.gave_up import GaveUp
from chat_tui.storage.paths import Paths
from chat_tui.storage.settings import Settings
from support.fake_server import FakeServer
from support.plain_console import PATIENCE, Console, seat
from support.tui_chat import fake_with
from support.tui_server import tiny_server

pytestmark = pytest.mark.asyncio

CODE = "m4tz-8q0e-27xh"
PASSWORD = "correct horse"


def _with_link(registration: str = "open") -> FakeServer:
    fake = fake_with("kitchen")
    fake.registration = registration
    fake.extras.guest_links[CODE] = "kitchen"
    return fake


async def _enter_and_leave(fake: FakeServer, *typed: str, name: str = "") -> Console:
    """Answer with `typed`, having followed a link for guests, and leave."""
    console = Console()
    console.type(*typed)
    console.leave()
    async with tiny_server(fake) as server, asyncio.timeout(PATIENCE):
        chat = PlainChat(console, Settings(name=name), Paths())
        await chat.run(Invitation(server.address, code=CODE, guest=True))
    return console


async def test_a_name_is_enough_and_the_end_is_told() -> None:
    fake = _with_link()
    console = await _enter_and_leave(fake, "mia", "Hello")

    assert [prompt for prompt, _ in console.prompts][:2] == ["Name: ", "kitchen> "]
    assert "You're invited as a guest, for a day." in console.text
    assert "You're a guest until 2026-11-2" in console.text
    assert [line.author for line in fake.rooms["kitchen"].lines] == ["guest-mia"]


async def test_the_usual_name_is_offered_and_a_taken_one_asked_for_again() -> None:
    fake = _with_link()
    fake.account("guest-ada")
    console = await _enter_and_leave(fake, "", "mia", name="ada")

    assert console.prompts[0][0] == "Name [ada]: "
    assert "This name is taken already." in console.text
    assert "guest-mia" in fake.accounts


async def test_a_link_that_was_revoked_ends_it() -> None:
    fake = _with_link()
    fake.extras.guest_links.clear()

    with pytest.raises(GaveUp, match=r"^$"):  # after the sentence, which is written
        await _enter_and_leave(fake, "mia")


async def test_after_five_taken_names_no_other_is_asked_for() -> None:
    fake = _with_link()
    fake.account("guest-ada")

    with pytest.raises(GaveUp, match="Too many names"):
        await _enter_and_leave(fake, *["ada"] * 5)


@pytest.mark.parametrize(
    ("registration", "typed"),
    [("open", (PASSWORD, PASSWORD)), ("invite", (PASSWORD, PASSWORD, "k7qm-2vxh-9rtd"))],
)
async def test_keep_asks_for_what_an_account_needs(
    registration: str, typed: tuple[str, ...]
) -> None:
    fake = _with_link(registration)
    fake.invitations.add("k7qm-2vxh-9rtd")
    console = Console(shows_typed=True)
    console.type("mia", "/keep", *typed)
    console.leave()
    async with tiny_server(fake) as server, asyncio.timeout(PATIENCE):
        chat = PlainChat(console, Settings(), Paths())
        await chat.run(Invitation(server.address, code=CODE, guest=True))

    assert "This account is yours now." in console.text
    assert fake.accounts["guest-mia"] == ("guest-mia", PASSWORD)


async def test_passwords_that_differ_keep_nothing() -> None:
    fake = _with_link()
    console = await _enter_and_leave(fake, "mia", "/keep", PASSWORD, "another one")

    assert "The passwords don't match. Nothing was changed." in console.text
    assert fake.accounts["guest-mia"] == ("guest-mia", "")
    assert not any(isinstance(request, m.Keep) for request in fake.requests)
    secret = [prompt for prompt, is_secret in console.prompts if is_secret]
    assert secret == ["A password for your account: ", "Repeat the password: "]


async def test_help_offers_a_guest_what_a_guest_may_do() -> None:
    console = await _enter_and_leave(_with_link(), "mia", "/help", "/create attic", "/go attic")

    listed = [line.split(":")[0] for line in console.text.splitlines() if line.startswith("/")]
    assert "/keep" in listed
    assert not {"/create NAME", "/msg NAME [TEXT]", "/sessions"}.intersection(listed)
    assert "Guests can't do that. /keep makes this account yours." in console.text
    assert console.written[-1] == "You're not in attic."  # not how to join it


async def test_a_guest_who_logs_out_everywhere_logs_out() -> None:
    fake = _with_link()
    await _enter_and_leave(fake, "mia", "/logout all")

    assert [m.type_of(request) for request in fake.requests][-1] == "logout"
    assert not any(isinstance(request, m.Revoke) for request in fake.requests)


async def test_a_link_for_guests_is_printed() -> None:
    async with seat(fake_with("kitchen"), "ada", "/go kitchen", "/invite guests") as at:
        assert await at.end() == 0
        shown = at.console.text

    assert "Link to kitchen. For anyone who has it, 20 at a time" in shown
    assert "ssh -p 2222 guest-m4tz-8q0e-27xh@chat.example.org" in shown


async def test_a_guest_is_marked_in_words() -> None:
    line = m.Line(1, "guest-mia", "Hello", "2026-11-22T09:30:00.000Z", guest=True)

    assert sentences.message(line).endswith(" guest-mia (guest): Hello")
    listed = m.MemberPage(re=1, room="kitchen", members=[m.Member("guest-mia", True, guest=True)])
    asked = m.Members(id=1, room="kitchen")
    assert "guest-mia, guest, online" in list(sentences.replied(asked, listed))
    assert sentences.joined("guest-mia", guest=True) == "guest-mia joined as a guest"


async def test_an_owner_who_removes_a_guest_learns_what_that_does_not_prevent() -> None:
    done = m.Ok(re=1)
    kick = m.Kick(id=1, room="kitchen", name="guest-mia")

    assert list(sentences.replied(kick, done)) == [
        "A guest can come again by the same link, under another name: /invitations revokes it."
    ]
    assert list(sentences.replied(m.Kick(id=1, room="kitchen", name="ben"), done)) == []


async def test_a_guest_learns_what_leaving_ends() -> None:
    fake = _with_link()
    console = await _enter_and_leave(fake, "mia", "/exit", "n")

    assert "or until this chat is closed." in console.text
    questions = [prompt for prompt, _ in console.prompts]
    assert "Leave kitchen? Your guest account ends, and what you wrote stays. [y/N] " in questions


async def test_a_guest_who_leaves_the_room_is_not_led_to_another() -> None:
    console = await _enter_and_leave(_with_link(), "mia", "/exit", "y")

    assert "You're no longer in kitchen." in console.text
    assert "general" not in console.text
