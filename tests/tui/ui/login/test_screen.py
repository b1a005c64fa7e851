import pytest
from textual.widgets import Checkbox

from chat_shared import messages as m
from chat_tui.model.address import Address, Invitation
from chat_tui.storage.settings import Settings
from chat_tui.ui.login.screen import LoginScreen
from support.fake_server import FakeServer
from support.tui_chat import PASSWORD, Client, client
from support.tui_pilot import burst

pytestmark = pytest.mark.asyncio


async def test_a_returning_user_types_the_password_and_is_logged_in() -> None:
    fake = FakeServer()
    fake.account("ada")
    fake.post("general", "linus", "welcome back")

    async with client(fake) as running:
        assert running.field("server").value == "test.example"
        assert running.field("name").value == "ada"
        assert running.field("password").input.has_focus

        await running.enter(PASSWORD)

        await running.sees("welcome back")


async def test_on_the_first_run_the_cursor_is_in_the_first_empty_field() -> None:
    async with client(FakeServer(), Settings()) as running:
        await running.until(lambda: running.field("server").input.has_focus)


async def test_enter_goes_to_the_next_empty_field() -> None:
    async with client(FakeServer(), Settings()) as running:
        await running.enter("test.example")
        await running.until(lambda: running.field("name").input.has_focus)
        await running.enter("ada")
        await running.until(lambda: running.field("password").input.has_focus)


async def test_an_unknown_name_leads_to_registration_in_the_same_form() -> None:
    fake = FakeServer()
    async with client(fake, Settings("test.example", "grace")) as running:
        await running.enter(PASSWORD)
        await running.sees("There is no account named grace on this server")
        assert running.field("repeat").input.has_focus
        assert running.field("password").value == PASSWORD

        await running.write("correct hoarse")
        await running.sees("The passwords don't match.")
        await running.press(*["backspace"] * 4)
        await running.sees_no("The passwords don't match.")
        await running.enter("rse")

        await running.sees("Message general")
        assert "grace" in fake.accounts


async def test_a_password_that_does_not_match_registers_nobody() -> None:
    fake = FakeServer()
    async with client(fake) as running:
        await running.enter(PASSWORD)
        await running.sees("repeat the password")
        await running.enter("correct")

        await running.sees("The passwords don't match.")
        assert fake.accounts == {}
        assert running.field("password").value == PASSWORD


async def test_a_short_password_is_reported_while_it_is_typed() -> None:
    async with client(FakeServer()) as running:
        await running.press("f2")
        await running.write("short")

        await running.sees("At least 8 characters (3 more).")
        await running.write("er one")
        await running.sees_no("At least 8 characters")


async def test_enter_at_a_password_that_is_too_short_stays_there() -> None:
    async with client(FakeServer()) as running:
        await running.press("f2")
        await running.write("short")
        await running.press("enter")
        await running.write("er one")

        assert running.field("password").value == "shorter one"


async def test_enter_without_a_name_says_what_is_missing() -> None:
    async with client(FakeServer(), Settings("test.example", "")) as running:
        running.field("password").input.value = PASSWORD
        running.field("password").take_focus()
        await running.press("enter")

        await running.sees("Enter the name that others will see.")
        assert running.field("name").input.has_focus


async def test_enter_twice_on_a_slow_connection_registers_once() -> None:
    fake = FakeServer()
    async with client(fake) as running:
        await running.press("f2")
        await running.enter(PASSWORD)
        fake.is_slow = True
        await running.enter(PASSWORD)
        await running.sees("Connecting to")
        await running.press("enter")
        await running.settle()
        assert len(fake.requests) == 1
        fake.answer_all()


async def test_what_is_typed_during_the_log_in_becomes_a_draft() -> None:
    fake = FakeServer()
    fake.account("ada")
    async with client(fake) as running:
        fake.is_slow = True
        await running.enter(PASSWORD)
        await running.sees("Connecting to")
        await running.write("hello all")
        await running.press("enter")
        await running.until(lambda: fake.requests)
        fake.is_slow = False
        fake.answer_all()
        await running.until(lambda: running.app.screen.query("#composer"))
        await running.until(lambda: running.typed == "hello all")
        assert fake.posts() == []


async def test_an_account_can_be_created_without_trying_to_log_in() -> None:
    fake = FakeServer()
    async with client(fake) as running:
        await running.pilot.click("#switch")
        await running.sees("Log in instead")
        await running.enter(PASSWORD)
        await running.until(lambda: running.field("repeat").input.has_focus)
        await running.enter(PASSWORD)

        await running.sees("Message general")
        assert "ada" in fake.accounts


async def test_back_at_the_log_in_the_repeated_password_is_not_asked_for() -> None:
    async with client(FakeServer()) as running:
        await running.press("f2")
        await running.sees("Repeat the password")
        await running.press("f2")

        await running.sees_no("Repeat the password")


async def test_a_wrong_password_is_reported_at_the_password() -> None:
    fake = FakeServer(registration="closed")
    async with client(fake) as running:
        await running.enter("wrong horse")

        await running.sees("The name or the password is wrong.")
        assert running.field("password").problem
        assert running.field("password").value == "wrong horse"
        await running.press("x")
        assert not running.field("password").problem


async def test_a_taken_name_is_reported_at_the_name() -> None:
    fake = FakeServer()
    fake.account("ada")
    async with client(fake) as running:
        await running.press("f2")
        await running.write(PASSWORD)
        await running.press("tab")
        await running.enter(PASSWORD)

        await running.sees("This name is taken already.")
        assert running.field("name").problem
        assert running.field("name").input.has_focus
        assert running.field("repeat").value == PASSWORD


async def test_an_unreachable_server_is_reported_at_the_server() -> None:
    async with client(FakeServer()) as running:
        running.client.reachable = False
        await running.enter(PASSWORD)

        await running.sees("test.example refuses connections.")
        assert running.field("server").problem
        assert running.field("password").value == PASSWORD

        running.client.reachable = True
        await running.press("enter")
        await running.sees("There is no account named ada on this server")


async def test_a_malformed_address_is_reported_without_connecting() -> None:
    async with client(FakeServer(), Settings("not a server", "ada")) as running:
        await running.enter(PASSWORD)

        await running.sees("A server address is HOST or HOST:PORT.")


async def test_a_bad_name_is_reported_while_it_is_typed() -> None:
    async with client(FakeServer(), Settings("test.example", "")) as running:
        await running.write("two words")

        await running.sees("A name can contain letters")


async def _register(running: Client) -> None:
    """Try to register before the server has announced whether that is possible."""
    await running.press("f2")
    await running.write(PASSWORD)
    await running.press("tab")
    await running.enter(PASSWORD)


async def test_where_registration_is_closed_the_form_says_so_and_offers_none() -> None:
    async with client(FakeServer(registration="closed")) as running:
        await _register(running)

        await running.sees("This server isn't accepting new accounts.")
        assert running.field("name").problem
        await running.sees_no("Create account")
        await running.press("f2")
        await running.sees_no("Repeat the password")


async def test_where_registration_is_by_invitation_the_form_asks_for_the_code() -> None:
    fake = FakeServer(registration="invite")
    fake.invitations.add("k7qm-2vxh-9rtd")
    async with client(fake, Settings("test.example", "grace")) as running:
        await _register(running)
        await running.sees("You need an invitation code")
        await running.until(lambda: running.field("invite").input.has_focus)

        await running.enter("wrong")
        await running.sees("This invitation is not valid.")
        await running.press(*["backspace"] * 5)
        await running.enter("k7qm-2vxh-9rtd")

        await running.sees("Message general")
        assert "grace" in fake.accounts


async def test_the_registration_mode_of_one_server_does_not_apply_to_another() -> None:
    async with client(FakeServer(registration="invite")) as running:
        await _register(running)
        await running.until(lambda: running.field("invite").display)

        running.field("server").input.value = "other.example"

        await running.until(lambda: not running.field("invite").display)


async def test_text_typed_in_one_burst_after_tab_goes_into_the_next_field() -> None:
    async with client(FakeServer(), Settings("test.example", "")) as running:
        burst(running.app, *"ada", "tab", *"secret")

        await running.until(lambda: running.field("password").value == "secret")
        assert running.field("name").value == "ada"


async def test_text_typed_in_one_burst_after_shift_tab_goes_into_the_previous_field() -> None:
    async with client(FakeServer(), Settings("", "ada")) as running:
        await running.until(lambda: running.field("server").input.has_focus)
        burst(running.app, "tab", *"x", "shift+tab", *"host")

        await running.until(lambda: running.field("server").value == "host")
        assert running.field("name").value == "adax"


async def test_text_typed_in_one_burst_after_enter_goes_into_the_next_field() -> None:
    fake = FakeServer()
    fake.account("ada", "secretsecret")
    async with client(fake, Settings()) as running:
        await running.until(lambda: running.field("server").input.has_focus)
        burst(running.app, *"host", "enter", *"ada", "enter", *"secretsecret", "enter")

        await running.sees("Message general")
        assert isinstance(fake.requests[0], m.Login)


async def test_on_a_local_server_the_name_is_asked_for_and_the_session_stored() -> None:
    own = Invitation(Address(path="/tmp/chat.sock"), local=True)
    async with client(FakeServer(), Settings("test.example", "ada"), invitation=own) as running:
        assert running.field("server").value == "unix:///tmp/chat.sock"
        assert running.field("name").input.has_focus
        assert running.app.screen.query_one("#keep", Checkbox).value


async def test_on_other_servers_a_session_is_stored_only_by_choice() -> None:
    async with client(FakeServer()) as running:
        assert not running.app.screen.query_one("#keep", Checkbox).value


async def test_enter_on_the_ticked_box_logs_in_and_leaves_it_ticked() -> None:
    fake = FakeServer()
    fake.account("ada")
    async with client(fake) as running:
        await running.write(PASSWORD)
        await running.press("tab", "space", "enter")

        await running.sees("Message general")
        attempt = running.app.controller.attempt
        assert attempt is not None
        assert attempt.keep


@pytest.mark.parametrize("name", ["[/]", "[bold]x", "\x1b]52;c;eA==\x07", "\u202eada"])
async def test_a_hostile_name_from_the_settings_is_harmless(name: str) -> None:
    async with client(FakeServer(), Settings(name, name)) as running:
        await running.enter(PASSWORD)
        await running.pilot.pause()

        assert isinstance(running.app.screen, LoginScreen)
        assert "\x1b" not in running.text()


async def test_a_hostile_sentence_of_the_server_is_harmless() -> None:
    async with client(FakeServer()) as running:
        from chat_tui.net.events import LogInFailed

        running.client.deliver(LogInFailed("", "[/] \x1b[2J \u202e no"))

        await running.sees("[/] ␛[2J")


async def test_a_pasted_name_is_made_harmless() -> None:
    async with client(FakeServer(), Settings("test.example", "")) as running:
        running.paste(" ada\x1b[2J\n")

        await running.until(lambda: running.field("name").value == "ada␛[2J")


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 50), (30, 10)])
async def test_the_form_fits_small_and_large_terminals(size: tuple[int, int]) -> None:
    async with client(FakeServer(), size=size) as running:
        await running.sees("Password")


async def test_all_keys_are_named_at_the_common_size() -> None:
    async with client(FakeServer(), size=(80, 24)) as running:
        for keys in ("F2: create account", "F2: log in"):
            await running.sees(keys)
            assert "Ctrl+Q: quit" in running.text()
            await running.press("f2")


async def test_chosen_keys_are_named() -> None:
    settings = Settings("test.example", "ada", keys={"quit": "f12,ctrl+q", "help": "f11"})
    async with client(FakeServer(), settings, size=(80, 24)) as running:
        await running.sees("F2: create account · F11: help · F12: quit")
        listed = running.app.get_system_commands(running.app.screen)
        assert {"F11", "F12"} <= {entry.help for entry in listed}


async def test_an_empty_field_with_the_focus_is_underlined_where_there_are_no_shades() -> None:
    settings = Settings("test.example", "ada", theme="ansi-dark")
    async with client(FakeServer(), settings) as running:
        await running.sees("Password")
        row = running.app.screen.query_one("#password CleanInput").content_region
        drawn = running.app.screen._compositor.render_strips()[row.y].crop(row.x, row.right)

        assert all(part.style is not None and part.style.underline for part in drawn)


@pytest.mark.parametrize("theme", ["trialogue-dark", "ansi-dark"])
@pytest.mark.parametrize("key", ["", "f2"])
async def test_a_long_toast_covers_nothing_of_the_form(theme: str, key: str) -> None:
    settings = Settings("test.example", "ada", theme=theme)
    async with client(FakeServer(), settings, size=(80, 24)) as running:
        await running.sees("Password")
        await running.press(*[key] if key else [])
        running.app.notify(
            f"Its fingerprint is SHA256:{'a' * 64}. Saved.", title="First connection"
        )
        await running.sees("First connection")
        await running.until(lambda: running.app.screen.query_one("#card").region.y >= 4)

        assert "trialogue" in running.text()
        assert "Server" in running.text()
