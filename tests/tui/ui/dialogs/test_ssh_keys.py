"""/keys on the full screen: what logs in over ssh, listed, added and removed."""

import pytest
from textual.widgets import Input, OptionList

from chat_shared import messages as m
from chat_tui.model.connection_keys import ConnectionKeys
from chat_tui.ui.dialogs.add_ssh_key import AddSshKey
from support.fake_server import FakeServer
from support.fake_ssh_keys import AT
from support.ssh_keys import KEY, OTHER, key
from support.tui_chat import PASSWORD, Client, chatting, client, fake_with

pytestmark = pytest.mark.asyncio

_PRIVATE = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU\n-----END"


def _with_key(fake: FakeServer, comment: str = "ada@laptop") -> FakeServer:
    held = key(1)
    fake.ssh_keys["ada"] = [m.SshKeyInfo(held.fingerprint, held.kind, comment, AT, AT)]
    return fake


async def _open(running: Client) -> None:
    await running.enter("/keys")
    await running.sees("Your SSH keys")


async def test_a_key_is_added_by_pasting_it_and_the_password() -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        await _open(running)
        await running.sees("You have no SSH keys.")
        await running.press("enter")
        await running.sees("Add an SSH key")
        await running.enter(KEY)
        await running.enter("wrong horse")
        await running.sees("The password is wrong.")
        await running.press(*["backspace"] * len("wrong horse"))
        await running.enter(PASSWORD)

        await running.sees("ada@laptop (ssh-ed25519) · not used yet")
        await running.sees(key(1).fingerprint)
        await running.sees("Added.")


@pytest.mark.parametrize(
    ("pasted", "sentence"), [(_PRIVATE, "nobody else may have"), ("soup", "isn't a public key")]
)
async def test_what_is_no_public_key_leaves_the_screen_and_is_not_sent(
    pasted: str, sentence: str
) -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        await running.app.push_screen(AddSshKey())
        await running.sees("Add an SSH key")
        await running.enter(pasted)

        await running.sees(sentence)
        assert all(not field.value for field in running.app.screen.query(Input))
        assert fake.ssh_keys == {}


async def test_the_key_that_the_connection_offers_is_added_by_enter() -> None:
    fake = _with_key(fake_with())
    offered = ConnectionKeys(offered=(KEY, OTHER))
    async with chatting(fake) as running:
        running.app.connection_keys = offered
        await _open(running)
        await running.sees("your connection offers it")
        assert running.app.screen.query_one(OptionList).option_count == 2  # one is held already
        await running.press("down", "delete")
        await running.sees("isn't among yours")
        await running.press("enter")
        await running.sees("Add an SSH key")
        await running.enter(PASSWORD)

        await running.sees("ada@phone")
        await running.sees_no("your connection offers it")


async def test_a_key_is_removed_after_a_question() -> None:
    fake = _with_key(fake_with())
    async with chatting(fake) as running:
        await _open(running)
        await running.sees("ada@laptop (ssh-ed25519) · last used 2026-11-22")
        await running.press("enter")
        await running.sees("Its sessions")
        await running.press("escape")
        await running.sees_no("Its sessions")
        assert fake.ssh_keys["ada"]
        await running.press("delete")
        await running.sees("Its sessions")
        await running.press("enter")

        await running.sees("Removed: ada@laptop (ssh-ed25519).")
        assert fake.ssh_keys["ada"] == []


@pytest.mark.parametrize("comment", ["[/]", "\x1b[2J", "a\u202eb"])
async def test_hostile_comments_are_harmless(comment: str) -> None:
    async with chatting(_with_key(fake_with(), comment)) as running:
        await _open(running)
        await running.sees("last used")

        assert "\x1b" not in running.text()


async def test_a_connection_by_a_key_needs_no_form() -> None:
    fake = _with_key(fake_with())
    async with client(fake, connection_keys=ConnectionKeys(logs_in=True)) as running:
        await running.sees("Message general")
        await running.enter("/logout")

        await running.sees("Password")  # and not back in by itself
        await running.enter(PASSWORD)
        await running.sees("Message general")


async def test_a_key_that_was_removed_meanwhile_leads_to_the_form() -> None:
    async with client(fake_with(), connection_keys=ConnectionKeys(logs_in=True)) as running:
        await running.sees("This key doesn't log in.")
        await running.enter(PASSWORD)

        await running.sees("Message general")
