"""The menu of a person in the list of members: what we may do, and that it is done."""

import pytest
from textual.widgets import OptionList

from chat_shared import messages as m
from chat_tui.ui.dialogs.person import PersonMenu
from chat_tui.ui.widgets.member_list import MemberList
from support.fake_server import FakeServer
from support.tui_chat import Client, chatting, fake_with

pytestmark = pytest.mark.asyncio


def _fake(owner: str = "") -> FakeServer:
    """Return a server with ada and ben in kitchen, which `owner` owns."""
    fake = fake_with()
    fake.account("ben")
    fake.room("kitchen", "k7qm-2vxh-9rtd", "ada", "ben")
    fake.rooms["kitchen"].owner = owner
    return fake


async def _open_menu(running: Client, name: str = "ben") -> None:
    await running.enter("/go kitchen")
    await running.sees("Message kitchen")
    members = running.app.screen.query_one(MemberList)
    await running.until(lambda: name in members._names)
    members.focus()
    members.highlighted = members._names.index(name)
    await running.press("enter")
    await running.until(lambda: isinstance(running.app.screen, PersonMenu))


async def test_a_click_opens_the_menu_of_a_member() -> None:
    async with chatting(_fake()) as running:
        await running.enter("/go kitchen")
        await running.sees("Message kitchen")
        await running.until(lambda: "ben" in running.row(2))
        await running.pilot.click(MemberList, offset=(4, 2))

        await running.sees("Send a direct message")


async def test_f8_goes_to_the_members_and_escape_back() -> None:
    async with chatting(_fake(), size=(60, 20)) as running:
        await running.press("f8")
        await running.sees("Members")
        assert isinstance(running.app.focused, MemberList)
        await running.press("escape")
        await running.sees_no("Members")
        assert running.composer.has_focus


@pytest.mark.parametrize(("owner", "may_kick"), [("ben", False), ("ada", True)])
async def test_only_what_we_may_do_is_offered(owner: str, may_kick: bool) -> None:
    async with chatting(_fake(owner)) as running:
        await _open_menu(running)
        await running.sees("Block direct messages")
        await running.sees("Enter: choose · Esc: cancel")

        for words in ("Kick out", "Ban from", "Mute", "Make the owner"):
            assert (words in running.text()) == may_kick


async def test_a_direct_message_is_begun() -> None:
    async with chatting(_fake()) as running:
        await _open_menu(running)
        await running.press("enter")

        await running.sees("Message ben")


async def test_a_mention_goes_into_what_is_being_typed() -> None:
    async with chatting(_fake()) as running:
        await running.enter("/go kitchen")
        await running.sees("Message kitchen")
        running.paste("Ready,")
        await running.until(lambda: running.typed)
        members = running.app.screen.query_one(MemberList)
        members.focus()
        await running.until(lambda: "ben" in running.row(2) and members.highlighted is not None)
        await running.press("down", "enter", "down", "enter")

        await running.until(lambda: running.typed == "Ready, @ben ")
        assert running.composer.has_focus


async def test_who_is_blocked_can_be_unblocked() -> None:
    fake = _fake()
    async with chatting(fake) as running:
        await _open_menu(running)
        await running.press("down", "down", "enter")
        await running.sees("Blocked ben.")
        await _open_menu(running)
        await running.sees("Unblock direct messages")
        await running.press("down", "down", "enter")

        await running.sees("Unblocked ben.")
    assert any(isinstance(request, m.Unblock) for request in fake.requests)


async def test_a_kick_is_typed_on_with_its_reason() -> None:
    fake = _fake("ada")
    async with chatting(fake) as running:
        await _open_menu(running)
        await running.press("end", "up", "enter")
        await running.until(lambda: running.typed == "/kick ben ")
        await running.enter("Enough.")

        await running.sees("Kicked ben.")
    assert [r.reason for r in fake.requests if isinstance(r, m.Kick)] == ["Enough."]


def _offered(running: Client) -> list[str]:
    """Return the labels of the menu that can be chosen."""
    options = running.app.screen.query_one(OptionList).options
    return [str(option.prompt) for option in options if not option.disabled]


async def test_only_who_is_muted_can_be_unmuted() -> None:
    async with chatting(_fake("ada")) as running:
        await _open_menu(running)
        await running.until(lambda: "Unmute" not in _offered(running))
        assert "Mute …" in _offered(running)
        await running.press("escape")
        await running.enter("/mute ben 2h")
        await running.sees("Muted ben")

        await _open_menu(running)
        await running.until(lambda: "Mute …" not in _offered(running))
        assert "Unmute" in _offered(running)


async def test_a_server_that_cannot_tell_who_is_muted_leaves_both_to_choose_from() -> None:
    fake = _fake("ada")
    fake.unknown.add(m.MuteOf)
    async with chatting(fake) as running:
        await _open_menu(running)
        await running.until(lambda: any(isinstance(r, m.MuteOf) for r in fake.requests))
        await running.pilot.pause()

        assert {"Mute …", "Unmute"} <= set(_offered(running))


async def test_there_is_no_menu_of_yourself() -> None:
    async with chatting(_fake()) as running:
        await running.until(lambda: "ada" in running.row(1))
        await running.pilot.click(MemberList, offset=(4, 1))

        await running.sees("That's you.")
