"""/keys in questions and answers."""

import pytest

from chat_shared import messages as m
from chat_tui.model.connection_keys import ConnectionKeys
from support.fake_server import FakeServer
from support.fake_ssh_keys import AT
from support.plain_console import CTRL_C, seat
from support.ssh_keys import KEY, OTHER, key

pytestmark = pytest.mark.asyncio

_ASKS = 'Type the number of a key to remove it, or "add" to add one (empty: neither): '


def _fake(*numbers: int) -> FakeServer:
    fake = FakeServer()
    fake.account("ada")
    fake.ssh_keys["ada"] = [
        m.SshKeyInfo(key(number).fingerprint, "ssh-ed25519", f"key {number}", AT)
        for number in numbers
    ]
    return fake


async def test_a_key_is_added() -> None:
    async with seat(_fake(), "ada", "/keys", "add", KEY, "correct horse", at_terminal=True) as at:
        await at.console.until("Added.")

        assert "You have no SSH keys." in at.console.text
        assert [info.comment for info in at.fake.ssh_keys["ada"]] == ["ada@laptop"]
        assert "correct horse" not in at.console.text
        asked = [(prompt.partition(",")[0], secret) for prompt, secret in at.console.prompts]
        assert ("The public key", False) in asked
        assert ("Your password", True) in asked
        assert not any("its number" in prompt for prompt, _ in at.console.prompts)


async def test_a_key_is_removed_by_its_number() -> None:
    async with seat(_fake(1, 2), "ada", "/keys", "2", at_terminal=True) as at:
        await at.console.until("Removed.")

        listed = f"2. key 2 (ssh-ed25519), {key(2).fingerprint}, added 2026-11-22"
        assert listed in at.console.text
        assert [info.comment for info in at.fake.ssh_keys["ada"]] == ["key 1"]


async def test_what_is_no_number_removes_no_key() -> None:
    async with seat(_fake(1), "ada", "/keys", "/invite", at_terminal=True) as at:
        await at.console.until("There is no SSH key with this number. Nothing was removed.")

        assert at.fake.ssh_keys["ada"]


async def test_a_key_that_the_connection_offers_is_added_by_its_number() -> None:
    offered = ConnectionKeys(offered=(KEY, OTHER))
    lines = ("/keys", "add", "1", "correct horse")
    async with seat(_fake(1), "ada", *lines, at_terminal=True, connection_keys=offered) as at:
        await at.console.until("Added.")

        assert f"1. ssh-ed25519, {key(2).fingerprint}, offered by your connection" in (
            at.console.text
        )
        assert any("or its number above" in prompt for prompt, _ in at.console.prompts)
        assert [info.comment for info in at.fake.ssh_keys["ada"]][1:] == ["ada@phone"]


@pytest.mark.parametrize(
    "rest", [("b3BlbnNzaC1rZXktdjE", "", "-----END RSA PRIVATE KEY-----"), ("Zm9v", CTRL_C)]
)
async def test_no_line_of_a_private_key_is_sent(rest: tuple[str, ...]) -> None:
    lines = ("/keys", "add", "-----BEGIN RSA PRIVATE KEY-----", *rest, "hello")
    async with seat(_fake(), "ada", *lines, at_terminal=True) as at:
        await at.console.until("nobody else may have")
        assert await at.end() == 0

        assert [line.text for line in at.fake.rooms["general"].lines] == ["hello"]
        assert at.fake.ssh_keys["ada"] == []


async def test_a_script_is_asked_nothing() -> None:
    async with seat(_fake(1), "ada", "/keys", "hello") as at:
        await at.end()

        assert "1. key 1" in at.console.text
        assert [line.text for line in at.fake.rooms["general"].lines] == ["hello"]


async def test_a_connection_by_a_key_asks_for_no_password() -> None:
    by_key = ConnectionKeys(logs_in=True)
    async with seat(_fake(1), "ada", "hello", connection_keys=by_key) as at:
        assert await at.end() == 0

        assert [line.text for line in at.fake.rooms["general"].lines] == ["hello"]
        assert not any(secret for _, secret in at.console.prompts)


async def test_a_key_that_was_removed_meanwhile_leads_to_the_password() -> None:
    by_key = ConnectionKeys(logs_in=True)
    async with seat(_fake(), "ada", "correct horse", "hello", connection_keys=by_key) as at:
        assert await at.end() == 0

        assert "This key doesn't log in." in at.console.text
