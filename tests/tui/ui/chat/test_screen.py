import pytest
from textual.widgets import Button

from chat_shared import messages as m
from chat_tui.storage.settings import Settings
from chat_tui.ui.widgets.room_list import RoomList
from support.tui_chat import HOSTILE, chatting, fake_with, posted_texts

pytestmark = pytest.mark.asyncio


# --- messages


async def test_general_opens_at_its_newest_messages() -> None:
    fake = fake_with()
    for n in range(300):
        fake.post("general", "linus", f"line {n}")

    async with chatting(fake) as running:
        await running.sees("line 299")
        assert "line 0 " not in running.text()


async def test_a_message_is_sent_and_shown_once() -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        await running.enter("hello there")

        await running.sees("hello there")
        await running.until(lambda: posted_texts(fake) == ["hello there"])
        assert running.typed == ""
        assert running.text().count("hello there") == 1


async def test_messages_by_others_appear_at_once() -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        fake.post("general", "linus", "first")
        await running.sees("first")
        fake.post("general", "linus", "second")
        await running.sees("second")


async def test_enter_ends_the_line_exactly_where_it_was_pressed() -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        await running.press(*"one", "enter", *"two", "enter", *"three")

        await running.until(lambda: posted_texts(fake) == ["one", "two"])
        assert running.typed == "three"


async def test_two_slashes_send_one() -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        await running.enter("//shrug")

        await running.until(lambda: posted_texts(fake) == ["/shrug"])


@pytest.mark.parametrize("line", [" /join kitchen secret", "/jion kitchen secret", "/xyzzy"])
async def test_an_unknown_command_stays_and_is_explained(line: str) -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        await running.write(line)
        await running.press("enter")

        await running.sees("Not sent: ")
        assert posted_texts(fake) == []
        assert running.typed == line


async def test_a_message_that_is_too_long_stays_and_is_explained() -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        await running.enter("x" * 8_001)

        await running.sees("8,001 characters; the limit is 8,000")
        assert len(running.typed) == 8_001
        assert posted_texts(fake) == []


async def test_a_refused_message_shows_why_and_can_be_edited() -> None:
    fake = fake_with()
    fake.refusals.append(m.Error("forbidden", "You are muted [/].", 1))
    async with chatting(fake) as running:
        await running.enter("something rude")
        await running.sees("✗ not sent: You are muted [/].")

        await running.press("up")

        await running.until(lambda: running.typed == "something rude")
        await running.sees_no("not sent")


async def test_ctrl_up_brings_back_what_was_sent_and_ctrl_down_goes_forward() -> None:
    async with chatting(fake_with()) as running:
        await running.enter("one")
        await running.enter("two")

        await running.press("ctrl+up")
        await running.until(lambda: running.typed == "two")
        await running.press("ctrl+up")
        await running.until(lambda: running.typed == "one")
        await running.press("ctrl+down")
        await running.until(lambda: running.typed == "two")
        await running.press("ctrl+down")
        await running.until(lambda: running.typed == "")


async def test_up_never_replaces_what_is_being_typed() -> None:
    async with chatting(fake_with()) as running:
        await running.enter("sent")
        await running.write("typed")
        await running.press("up")

        assert running.typed == "typed"


# --- the connection is lost


async def test_ctrl_r_reconnects_at_once() -> None:
    async with chatting(fake_with()) as running:
        running.client.cut()
        await running.sees("Offline")
        await running.press("ctrl+r")

        await running.until(lambda: running.client.retried)


async def test_offline_a_command_says_so() -> None:
    async with chatting(fake_with()) as running:
        running.client.cut()
        await running.sees("Offline")
        await running.enter("/create kitchen")

        await running.sees("You're offline.")


async def test_the_offline_hint_goes_once_reconnected() -> None:
    async with chatting(fake_with()) as running:
        running.client.cut()
        await running.enter("/create kitchen")
        await running.sees("You're offline.")
        running.client.reconnect()
        await running.sees_no("You're offline.")

        running.client.cut()
        await running.press("ctrl+u")  # the command that failed
        await running.enter("/nonsense")
        await running.sees("/nonsense isn't a command")
        running.client.reconnect()
        await running.sees_no("Offline")
        assert "/nonsense isn't a command" in running.text()


async def test_a_session_that_ended_leads_back_to_the_log_in() -> None:
    fake = fake_with("kitchen")
    async with chatting(fake) as running:
        await running.press("ctrl+k")
        await running.sees("Go to a room")
        fake.tokens.clear()
        running.client.cut()
        running.client.reconnect()

        await running.sees("This session has ended. Log in again.")
        await running.enter("correct horse")
        await running.sees("Message general")


# --- hostile text


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_room_names_are_harmless_in_dialogs(text: str) -> None:
    fake = fake_with()
    fake.room(text, "k7qm", "ada")
    async with chatting(fake) as running:
        await running.press("f6")
        await running.press("f10")
        await running.sees("Leave ")
        assert "\x1b" not in running.text()
        await running.press("escape")
        fake.next_password = text
        await running.enter("/create attic")
        await running.sees("attic is ready")
        await running.pilot.click("#copy-secret")
        await running.pilot.click("#join")
        await running.sees("copied")

        assert "\x1b" not in running.text()
        assert "\x1b" not in running.app.clipboard


async def test_a_paste_of_two_thousand_lines_asks_first_and_is_folded() -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        running.paste("\n".join("x" for _ in range(2_000)))
        await running.sees("Paste 2,000 lines into one message?")
        await running.press("escape")
        await running.sees_no("Paste 2,000")
        assert running.typed == ""

        running.paste("\n".join("x" for _ in range(2_000)))
        await running.sees("Paste 2,000 lines")
        await running.press("y")
        await running.sees_no("Paste 2,000 lines")
        await running.until(lambda: running.typed.count("\n") == 1_999)
        await running.press("enter")
        await running.sees("more lines")
        await running.sees("Message general")


# --- help, panels, quitting


async def test_help_explains_one_command() -> None:
    async with chatting(fake_with()) as running:
        await running.enter("/help join")

        await running.sees("/join NAME PASSWORD: Join a room")


async def test_help_with_words_that_are_no_command_looks_for_them() -> None:
    async with chatting(fake_with()) as running:
        await running.enter("/help mut'")
        await running.sees("No matches.")
        await running.press("backspace")
        await running.sees("/unmute NAME")
        await running.sees_no("/create NAME")


@pytest.mark.parametrize("way", ["/help", "f1"])
async def test_help_lists_keys_and_commands(way: str) -> None:
    async with chatting(fake_with()) as running:
        if way == "f1":
            await running.press(way)
        else:
            await running.enter(way)

        await running.sees("Keys and commands")


async def test_typing_a_slash_shows_the_commands() -> None:
    async with chatting(fake_with()) as running:
        await running.write("/c")
        await running.sees("/create  NAME")
        await running.press("backspace", "backspace")
        await running.sees_no("/create")


async def test_typing_goes_into_the_composer_wherever_the_focus_is() -> None:
    async with chatting(fake_with()) as running:
        running.app.screen.query_one(RoomList).focus()
        await running.press("h", "i")

        await running.until(lambda: running.typed == "hi")


@pytest.mark.parametrize("way", ["/quit", "ctrl+q"])
async def test_quitting_ends_the_program(way: str) -> None:
    async with chatting(fake_with()) as running:
        if way == "/quit":
            await running.enter(way)
        else:
            await running.press(way)
        await running.until(lambda: not running.app.is_running or running.app._exit)


async def test_quitting_asks_while_something_is_not_sent() -> None:
    async with chatting(fake_with()) as running:
        running.client.cut()
        await running.enter("unsent")
        await running.press("ctrl+q")

        await running.sees("1 message has not been sent. It would be lost. Quit?")
        await running.press("ctrl+q", "ctrl+q")
        assert len(running.app.screen_stack) == 3
        await running.press("escape")
        await running.sees_no("has not been sent")
        assert not running.app._exit


async def test_keys_can_be_changed_in_the_settings() -> None:
    settings = Settings("test.example", "ada", keys={"room.create": "f11", "message.send": "f12"})
    async with chatting(fake_with(), settings) as running:
        await running.sees("F11 create")
        await running.press("f11")
        await running.sees("Create a room")
        assert running.app.screen.query(Button)
        await running.press("escape")
        await running.write("hello")
        await running.press("f12")
        await running.until(lambda: posted_texts(running.fake) == ["hello"])
