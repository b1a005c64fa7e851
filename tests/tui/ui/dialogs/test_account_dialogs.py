"""The account: /sessions, /logout, /password and /delete-account."""

from pathlib import Path

import pytest
from textual.widgets import OptionList

from chat_shared import messages as m
from chat_tui.storage.paths import Paths
from support.tui_chat import PASSWORD, chatting, fake_with, posted_texts

pytestmark = pytest.mark.asyncio


async def test_devices_are_listed_and_one_is_logged_out() -> None:
    fake = fake_with()
    fake.tokens["phone"] = "ada"
    async with chatting(fake) as running:
        await running.press("f3")
        await running.sees("Your devices")
        await running.sees("phone")
        await running.sees("this device")
        devices = running.app.screen.query_one(OptionList)
        assert devices.option_count == 2

        await running.press("enter")
        await running.sees("/logout logs it out")
        await running.press("down", "enter")

        await running.until(lambda: "phone" not in fake.tokens)
        await running.until(lambda: devices.option_count == 1)
        assert running.client.online


async def test_each_device_has_one_row_at_the_common_size() -> None:
    fake = fake_with()
    fake.tokens["1e19952c15"] = "ada"
    async with chatting(fake, size=(80, 24)) as running:
        await running.press("f3")
        await running.sees("this device")

        assert running.app.screen.query_one(OptionList).size.height == 2


@pytest.mark.parametrize("name", ["[/]", "\x1b[2J", "a\u202eb"])
async def test_hostile_names_of_sessions_are_harmless(name: str) -> None:
    fake = fake_with()
    fake.tokens[name] = "ada"
    async with chatting(fake) as running:
        await running.enter("/sessions")
        await running.sees("this device")

        assert "\x1b" not in running.text()


async def test_devices_are_listed_by_what_they_call_themselves() -> None:
    fake = fake_with()
    fake.tokens["1e19952c15"] = "ada"
    fake.clients["1e19952c15"] = "soup-bot 3 on NetBSD"
    async with chatting(fake) as running:
        await running.enter("/sessions")
        await running.sees("soup-bot 3 on NetBSD · last seen")
        await running.press("down", "enter")

        await running.sees("Logged out: soup-bot 3 on NetBSD.")
        assert "1e19952c15" not in running.text()
        assert "1e19952c15" not in fake.tokens


async def test_offline_the_list_says_so() -> None:
    async with chatting(fake_with()) as running:
        running.client.cut()
        await running.enter("/sessions")

        await running.sees("You're offline.")


async def test_logging_out_ends_the_session_and_shows_the_login() -> None:
    fake = fake_with()
    fake.tokens["phone"] = "ada"
    async with chatting(fake) as running:
        await running.enter("/logout")

        await running.sees("Password")
        assert list(fake.tokens) == ["phone"]
        await running.enter(PASSWORD)
        await running.sees("Message general")


async def test_logging_out_everywhere_leaves_no_session() -> None:
    fake = fake_with()
    fake.tokens["phone"] = "ada"
    async with chatting(fake) as running:
        await running.enter("/logout all")

        await running.sees("Password")
        assert fake.tokens == {}


async def test_changing_the_password_takes_the_current_one() -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        await running.enter("/password")
        await running.sees("Change your password")
        await running.enter("wrong horse")
        await running.enter("saves nine of them")
        await running.enter("saves nine of them")
        await running.sees("The password is wrong.")
        assert fake.accounts["ada"][1] == PASSWORD

        await running.press(*["backspace"] * 11)
        await running.enter(PASSWORD)

        await running.sees("Password changed.")
        assert fake.accounts["ada"][1] == "saves nine of them"


@pytest.mark.parametrize(
    ("new", "again", "sentence"),
    [("short", "short", "A password must have 8"), ("long enough", "long enouhg", "don't match")],
)
async def test_a_bad_new_password_is_reported_without_asking_the_server(
    new: str, again: str, sentence: str
) -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        await running.enter("/password")
        await running.sees("Change your password")
        await running.enter(PASSWORD)
        await running.enter(new)
        await running.enter(again)

        await running.sees(sentence)
        assert not any(isinstance(request, m.Password) for request in fake.requests)


async def test_deleting_the_account_takes_its_password_and_a_button(tmp_path: Path) -> None:
    fake, folder = fake_with(), Paths(tmp_path)
    async with chatting(fake, folder=folder) as running:
        await running.enter("/delete-account")
        await running.sees("Delete account ada")
        await running.enter("wrong horse")
        assert "ada" in fake.accounts
        await running.press("tab", "enter")
        await running.sees("The password is wrong.")
        await running.press(*["backspace"] * 11)
        await running.enter(PASSWORD)
        await running.press("tab", "enter")

        await running.until(lambda: "ada" not in fake.accounts)
        await running.sees("Log in")


async def test_enter_alone_does_not_delete_the_account() -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        await running.enter("/delete-account")
        await running.sees("Delete account ada")
        await running.enter(PASSWORD)
        await running.press("enter")

        await running.sees_no("Delete account ada")
        assert "ada" in fake.accounts


@pytest.mark.parametrize("line", ["/password hunter22", "/delete-account hunter22"])
async def test_a_password_typed_after_a_command_is_masked_and_not_sent(line: str) -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        await running.write(line)
        await running.until(lambda: "hunter22" not in running.text())
        await running.press("enter")

        await running.sees("Usage: /")
        assert posted_texts(fake) == []
