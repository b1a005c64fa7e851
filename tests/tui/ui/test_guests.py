"""Guests on the full screen: a name is enough, and /keep makes the account permanent."""

import pytest

from chat_shared import messages as m
from chat_tui.model.address import Address, Invitation
from chat_tui.storage.settings import Settings
from chat_tui.ui.dialogs.person import PersonMenu
from chat_tui.ui.widgets.checkbox import TickBox
from chat_tui.ui.widgets.member_list import MemberList
from support.fake_server import FakeServer
from support.tui_chat import PASSWORD, Client, chatting, client, fake_with

pytestmark = pytest.mark.asyncio

CODE = "m4tz-8q0e-27xh"
LINK = f"chat://test.example/kitchen#guest-{CODE}"
INVITATION = Invitation(Address("test.example"), "kitchen", code=CODE, guest=True)


def _with_link(registration: str = "open") -> FakeServer:
    """A server where linus, alone in the kitchen, has made a link for guests."""
    fake = fake_with("kitchen")
    fake.registration = registration
    del fake.rooms["kitchen"].members["ada"]
    fake.extras.guest_links[CODE] = "kitchen"
    return fake


async def _enter(running: Client) -> None:
    await running.sees("You're invited as a guest")
    await running.sees("Enter as a guest")
    await running.enter("mia")
    await running.sees("Message kitchen")


@pytest.mark.parametrize("room", ["kitchen", ""])  # a link names the room, ssh does not
async def test_a_link_asks_for_a_name_only_and_leads_to_the_room(room: str) -> None:
    invitation = Invitation(Address("test.example"), room, code=CODE, guest=True)
    fake = _with_link()
    async with client(fake, Settings(), invitation=invitation) as running:
        await running.sees_no("Password")
        await _enter(running)

        await running.sees("You're a guest until 2026-11-2")
        await running.sees("or until this chat is closed. /keep")
        await running.sees("makes this account yours.")
        assert "guest-mia" in fake.rooms["kitchen"].members
        assert running.app.state.room_names() == ["kitchen"]


async def test_a_pasted_link_turns_the_form_into_that_of_a_guest() -> None:
    async with client(_with_link(), Settings()) as running:
        running.paste(LINK)
        await running.sees("You're invited as a guest")
        await _enter(running)


async def test_a_name_that_is_taken_or_wrong_is_shown_at_its_field() -> None:
    fake = _with_link()
    fake.account("guest-mia")
    async with client(fake, Settings(), invitation=INVITATION) as running:
        await running.enter("guest")
        await running.sees("The name guest is reserved.")
        await running.press("ctrl+u")
        await running.enter("mia")
        await running.sees("This name is taken already.")
        await running.press("ctrl+u")
        await running.enter("mia2")
        await running.sees("Message kitchen")


async def test_a_link_that_was_revoked_is_refused_in_the_servers_words() -> None:
    fake = _with_link()
    fake.extras.guest_links.clear()
    async with client(fake, Settings(), invitation=INVITATION) as running:
        await running.enter("mia")
        await running.sees("This guest link is not valid.")


async def test_someone_with_an_account_logs_in_instead() -> None:
    fake = _with_link()
    async with client(fake, Settings(name="ada"), invitation=INVITATION) as running:
        await running.press("f2")
        await running.sees("Password")
        await running.sees_no("Enter as a guest")
        await running.enter(PASSWORD)
        await running.sees("Message general")


async def test_another_server_does_not_get_the_code() -> None:
    fake = _with_link()
    async with client(fake, Settings(), invitation=INVITATION) as running:
        running.paste("chat://other.example/")
        await running.sees_no("Enter as a guest")
        await running.sees("Password")
        assert not running.app.screen.has_class("-guest")


async def test_keep_asks_twice_for_a_password_and_opens_the_rest() -> None:
    fake = _with_link()
    async with client(fake, Settings(), invitation=INVITATION) as running:
        await _enter(running)
        await running.enter("/keep")
        await running.sees("Keep the account guest-mia")
        await running.enter(PASSWORD)
        await running.enter("another one")
        await running.sees("The passwords don't match.")
        await running.press("ctrl+u")
        await running.enter(PASSWORD)

        await running.sees("This account is yours now.")
        await running.until(lambda: "general" in running.app.state.rooms)
        await running.sees_no("You're a guest until")
        assert fake.accounts["guest-mia"] == ("guest-mia", PASSWORD)
        await running.enter("/keep")
        await running.sees("You're no guest")


async def test_keep_reports_a_short_password_without_asking_the_server() -> None:
    fake = _with_link()
    async with client(fake, Settings(), invitation=INVITATION) as running:
        await _enter(running)
        await running.enter("/keep")
        await running.sees("Keep the account guest-mia")
        await running.enter("short")
        await running.enter("short")

        await running.sees("A password must have 8")
        assert not any(isinstance(request, m.Keep) for request in fake.requests)


async def test_keep_takes_an_invitation_where_the_server_needs_one() -> None:
    fake = _with_link("invite")
    fake.invitations.add("k7qm-2vxh-9rtd")
    async with client(fake, Settings(), invitation=INVITATION) as running:
        await _enter(running)
        await running.enter("/keep")
        await running.sees("Invitation code")
        await running.enter(PASSWORD)
        await running.enter(PASSWORD)
        await running.sees("This server needs an invitation code.")
        await running.enter("k7qm-2vxh-9rtd")

        await running.sees("This account is yours now.")


async def test_who_is_no_guest_has_nothing_to_keep() -> None:
    async with chatting(fake_with()) as running:
        await running.enter("/keep")

        await running.sees("You're no guest: this account is yours already.")


async def test_a_member_makes_a_link_and_is_shown_how_guests_get_here() -> None:
    async with chatting(fake_with("kitchen")) as running:
        await running.enter("/go kitchen")
        await running.sees("Message kitchen")
        await running.enter("/invite guests")

        await running.sees("Link for guests to kitchen")
        await running.sees("20 at a time")
        await running.sees("ssh -p 2222 guest-m4tz-8q0e-27xh@chat.example.org")


async def test_guests_are_marked_in_words_in_the_log_and_in_the_list() -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        fake.rooms["general"].members["guest-mia"] = "guest-mia"
        fake.broadcast("general", m.Entered("general", "guest-mia", guest=True))
        posted = m.Posted(
            "general", 1, "guest-mia", "Hello", "2026-11-22T09:30:00.000Z", guest=True
        )
        fake.broadcast("general", posted)

        await running.sees("guest-mia joined as a guest")
        await running.sees("Hello  (guest)")
        await running.sees("guest-mia")
        members = running.app.screen.query_one(MemberList)
        await running.until(lambda: "guest-mia" in members._names)
        await running.until(lambda: running.text().count("(guest)") == 2)
        members.focus()
        members.highlighted = members._names.index("guest-mia")
        await running.press("enter")
        await running.until(lambda: isinstance(running.app.screen, PersonMenu))
        await running.sees_no("direct message")

        await running.press("escape")
        entry = m.AuditEntry(1, "2026-11-22T09:30:00.000Z", "guest-mia", "keep")
        fake.broadcast("general", m.Audited("general", entry))
        await running.sees("guest-mia is no longer a guest, and has an account")
        await running.until(lambda: running.text().count("(guest)") == 1)


async def test_a_guest_is_offered_what_a_guest_may_do() -> None:
    async with client(_with_link(), Settings(), invitation=INVITATION) as running:
        await _enter(running)
        await running.press("ctrl+n")
        await running.sees("Guests can't do that.")
        await running.write("/")
        await running.sees("/exit")
        await running.sees_no("/create")
        await running.press("ctrl+u", "f1")
        await running.sees("/keep")
        await running.write("this room")
        await running.sees("Leave this room")
        await running.sees_no("Invite one person")
        await running.press("escape", "ctrl+p")
        await running.write("show your")
        await running.sees("Show your mentions")
        await running.sees_no("Show your devices")
        await running.press("escape")

        members = running.app.screen.query_one(MemberList)
        members.focus()
        members.highlighted = members._names.index("linus")
        await running.press("enter")
        await running.sees("Mention")
        await running.sees_no("direct message")


async def test_who_was_a_guest_is_told_why_not_any_more_and_can_use_the_link_again() -> None:
    fake = _with_link()
    async with client(fake, Settings(name="ada"), invitation=INVITATION) as running:
        await running.press("ctrl+u")
        await _enter(running)
        fake.tokens.clear()
        running.client.cut()
        running.client.reconnect()

        await running.sees("This session has ended.")
        await running.sees("Enter as a guest")
        await running.enter("leo")
        await running.sees("Message kitchen")
        assert "guest-leo" in fake.rooms["kitchen"].members
        assert running.app._settings.name == "ada"


async def test_a_guest_who_is_not_to_come_back_learns_that_before_leaving() -> None:
    async with client(_with_link(), Settings(), invitation=INVITATION) as running:
        await _enter(running)
        await running.sees("or until this chat is closed.")
        await running.press("f10")
        await running.sees("Your guest account ends")
        await running.sees_no("password to rejoin")


async def test_a_guest_whose_log_in_is_kept_comes_back_until_the_end() -> None:
    async with client(_with_link(), Settings(), invitation=INVITATION) as running:
        await running.sees("You're invited as a guest")
        running.app.screen.query_one("#keep", TickBox).value = True
        await _enter(running)
        await running.sees("You're a guest until 2026-11-2")
        await running.sees_no("until this chat is closed")


async def test_an_account_that_was_kept_is_logged_in_to_by_password_after_a_log_out() -> None:
    async with client(_with_link(), Settings(), invitation=INVITATION) as running:
        await _enter(running)
        await running.enter("/keep")
        await running.sees("Keep the account guest-mia")
        await running.enter(PASSWORD)
        await running.enter(PASSWORD)
        await running.sees("This account is yours now.")
        await running.until(lambda: not running.app.state.guest_until)
        await running.enter("/logout")
        await running.sees("Password")
        await running.sees_no("Enter as a guest")
