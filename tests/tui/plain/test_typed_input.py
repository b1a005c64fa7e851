"""Every command works without a screen, or says that it does not."""

import re
from pathlib import Path

import pytest

from chat_shared import messages as m
from chat_tui.commands.parser import COMMANDS, offered
from chat_tui.plain.typed_input import is_followed
from support.fake_server import FakeServer
from support.plain_console import CTRL_C, seat

pytestmark = pytest.mark.asyncio

_PAGE = Path(__file__).resolve().parents[3] / "tui" / "SCRIPTING.md"

# What may stand behind a command, so that each of its meanings comes up.
_ARGUMENTS = ("", " all", " kitchen", " kitchen k7qm-2vxh-9rtd")


def _fake(messages: int = 0) -> FakeServer:
    fake = FakeServer()
    fake.account("ada")
    fake.room("kitchen", "k7qm-2vxh-9rtd", "ada")
    fake.room("cellar", "3f8z-q0xn-71vb")
    for n in range(1, messages + 1):
        fake.post("general", "linus", f"line {n}")
    return fake


async def test_every_command_is_followed_or_named_as_one_for_the_full_screen_only() -> None:
    page = " ".join(_PAGE.read_text().split())
    named = re.search(r"has the same commands, except (.+?), which need", page)
    assert named is not None

    on_a_screen_only = {
        command.name
        for command in COMMANDS
        if not all(is_followed(command.name + behind) for behind in _ARGUMENTS)
    }
    assert on_a_screen_only == set(re.findall(r"`/([a-z-]+)`", named[1]))


async def test_a_room_is_made_and_its_password_written() -> None:
    async with seat(_fake(), "ada", "/create attic") as at:
        await at.console.until("To invite others, send them: /join attic")
        await at.console.asked("attic> ")


async def test_the_name_of_a_room_to_make_is_asked_for() -> None:
    async with seat(_fake(), "ada", "/create", "attic") as at:
        await at.console.until("To invite others, send them: /join attic")

        assert ("Name of the new room: ", False) in at.console.prompts


async def test_a_room_is_joined_with_a_password_that_is_not_shown() -> None:
    async with seat(_fake(), "ada", "/join cellar", "3f8z-q0xn-71vb") as at:
        await at.console.asked("cellar> ")

        assert ("Its password: ", True) in at.console.prompts


async def test_without_a_password_no_room_is_joined() -> None:
    async with seat(_fake(), "ada", "/join", "cellar", "", at_terminal=True) as at:
        await at.end()

        assert not any(isinstance(request, m.Join) for request in at.fake.requests)
        assert [secret for prompt, secret in at.console.prompts if "Its password" in prompt] == [
            True
        ]


async def test_a_room_that_we_were_removed_from_is_left_without_a_question() -> None:
    async with seat(_fake(), "ada", "/go kitchen", at_terminal=True) as at:
        await at.console.asked("kitchen> ")
        at.chat.room.mark_gone()
        at.console.type("/exit")
        await at.console.asked("general> ")

        assert not any("[y/N]" in prompt for prompt, _ in at.console.prompts)


async def test_a_wrong_password_of_a_room_is_shown() -> None:
    async with seat(_fake(), "ada", "/join cellar wrong-wrong") as at:
        await at.console.until("There is no such room")


async def test_exiting_asks_and_leads_back_to_general() -> None:
    async with seat(_fake(), "ada", "/go kitchen", "/exit", "n", "/exit", "y") as at:
        await at.console.until("You're no longer in kitchen.")
        await at.console.asked("general> ")

        assert sum(isinstance(request, m.Exit) for request in at.fake.requests) == 1


async def test_nobody_exits_general() -> None:
    async with seat(_fake(), "ada", "/exit") as at:
        await at.console.until("You can't leave general: everyone is in it.")


async def test_older_messages_are_written_page_by_page_to_the_first() -> None:
    async with seat(_fake(50), "ada") as at:
        await at.console.until("line 50")
        at.console.type("/older")
        await at.console.until("Type /older for more.")
        assert "line 11" in at.console.text
        assert "line 10" not in at.console.text
        at.console.type("/older")
        await at.console.until("This is the beginning of the room.")
        at.console.type("/older")
        await at.console.until("No older messages.")

        assert all(f"line {n}" in at.console.text for n in range(1, 51))


async def test_older_messages_are_those_before_what_is_still_to_be_written() -> None:
    async with seat(_fake(50), "ada", "/older", "/older") as at:
        await at.console.until("This is the beginning of the room.")

        posted = [line.rpartition(": ")[2] for line in at.console.written if "linus: " in line]
        assert posted == [f"line {n}" for n in (*range(31, 51), *range(11, 31), *range(1, 11))]


async def test_what_was_found_is_read_on_to_its_end_and_then_the_log() -> None:
    fake = _fake(30)
    fake.extras.page_size = 12
    async with seat(fake, "ada", "/search line", "/older", "/older") as at:
        await at.console.until("12 messages found. Type /older for more.")
        await at.console.until("6 more messages found. End of list.")
        found = [
            line.rpartition(": ")[2] for line in at.console.written if " general linus: " in line
        ]
        assert found == [f"line {n}" for n in range(30, 0, -1)]

        at.console.type("/older")
        await at.console.until("This is the beginning of the room.")


async def test_a_list_that_is_whole_leaves_the_log_to_be_read_on() -> None:
    fake = _fake(30)
    fake.extras.page_size = 12
    async with seat(fake, "ada", "/search line", "/rooms", "/older") as at:
        await at.console.until("This is the beginning of the room.")

        assert "more found" not in at.console.text


async def test_members_and_sessions_are_listed() -> None:
    async with seat(_fake(), "ada", "/members", "/sessions") as at:
        await at.console.until("ada, online")
        await at.console.until("this device")


async def test_at_a_terminal_a_device_is_logged_out_by_its_number() -> None:
    fake = _fake()
    async with seat(fake) as elsewhere:
        await elsewhere.console.asked("general> ")
        (token,) = fake.tokens
    async with seat(fake, "ada", "/sessions", "", "/sessions", "2", at_terminal=True) as at:
        await at.console.until("Logged out that device.")
        assert token not in fake.tokens
        at.console.type("/sessions")  # nothing is asked where there is only this one
        await at.console.asked("general> ")


async def test_a_pipe_is_not_asked_which_device_to_log_out() -> None:
    fake = _fake()
    async with seat(fake) as elsewhere:
        await elsewhere.console.asked("general> ")
    async with seat(fake, "ada", "/sessions", "hello") as at:
        await at.console.until("ada: hello")


async def test_a_password_is_changed_by_who_types_the_new_one_twice() -> None:
    typed = ["/password", "correct horse", "battery staple", "battery stable"]
    async with seat(_fake(), "ada", *typed) as at:
        await at.console.until("Nothing was changed")
        assert not any(isinstance(request, m.Password) for request in at.fake.requests)
        at.console.type("/password", "correct horse", "battery staple", "battery staple")
        await at.console.until("Password changed.")

        prompts = ("Current password: ", "New password: ", "Repeat the new password: ")
        assert all((prompt, True) in at.console.prompts for prompt in prompts)  # none is shown
        assert at.fake.accounts["ada"] == ("ada", "battery staple")


async def test_an_account_is_deleted_only_with_its_password() -> None:
    async with seat(_fake(), "ada", "/delete-account", "", "/rooms") as at:
        await at.console.until("general, current room")
        assert "ada" in at.fake.accounts
        at.console.type("/delete-account", "correct horse")
        assert await at.task == 0

        assert "ada" not in at.fake.accounts
        asked = [secret for prompt, secret in at.console.prompts if "permanently" in prompt]
        assert asked == [True, True]


async def test_logging_out_ends_the_chat() -> None:
    async with seat(_fake(), "ada", "/logout") as at:
        await at.console.until("You logged out on this device.")
        assert await at.task == 0

        assert not at.fake.tokens


async def test_help_names_every_command_and_explains_one() -> None:
    async with seat(_fake(), "ada", "/help", "/help leave", "/quit") as at:
        assert await at.task == 0

        assert all(command.usage in at.console.text for command in offered())
        assert at.console.text.count("(full screen only)") == 3
        assert "/exit: Leave this room (also /leave)" in at.console.written[-1]


async def test_a_mistyped_command_is_sent_to_nobody() -> None:
    async with seat(_fake(), "ada", "/jion kitchen secret", "/go", "/go nowhere") as at:
        await at.console.until("Did you mean /join?")
        await at.console.until("Usage: /go ROOM")
        await at.console.until("You're not in nowhere.")

        assert not at.fake.posts()


async def test_ctrl_c_ends_a_question_and_not_the_chat() -> None:
    async with seat(_fake(), "ada", "/join cellar", CTRL_C, CTRL_C, "still here") as at:
        await at.console.until("Cancelled.")
        await at.console.until("To quit: /quit")
        await at.console.until("ada: still here")


async def test_an_end_of_lines_in_place_of_an_answer_is_shown_to_have_done_nothing() -> None:
    async with seat(_fake(), "ada", "/join cellar") as at:
        await at.console.asked("Its password: ")
        at.console.leave()
        await at.console.until("Cancelled.")
        await at.console.asked("general> ")


async def test_an_escape_sequence_in_a_line_is_not_sent_as_one() -> None:
    async with seat(_fake(), "ada", "\x1b[2Jsoup") as at:
        await at.console.until("soup")

        assert at.fake.posts()[0].text == "␛[2Jsoup"


def _owned() -> FakeServer:
    fake = _fake()
    fake.account("linus")
    fake.rooms["kitchen"].owner = "ada"
    fake.rooms["kitchen"].members["linus"] = "linus"
    return fake


async def test_what_owners_ask_is_of_the_open_room() -> None:
    async with seat(_owned(), "ada", "/go kitchen", "/mute linus 2h Not so loud.") as at:
        await at.console.until("Not so loud.")

        (request,) = [asked for asked in at.fake.requests if isinstance(asked, m.Mute)]
        assert (request.room, request.name) == ("kitchen", "linus")


async def test_a_new_password_and_a_new_owner_are_asked_about() -> None:
    lines = ("/go kitchen", "/reset-password", "n", "/reset-password", "y", "/hand-over linus", "y")
    async with seat(_owned(), "ada", *lines) as at:
        await at.console.until("To invite others, send them: /join kitchen")
        await at.console.until("made linus the owner")

        assert sum(isinstance(asked, m.NewPassword) for asked in at.fake.requests) == 1
        assert at.fake.rooms["kitchen"].owner == "linus"


async def test_an_owner_who_exits_says_whose_the_room_will_be() -> None:
    async with seat(_owned(), "ada", "/go kitchen", "/exit", "", "/exit", "linus") as at:
        await at.console.until("You're no longer in kitchen.")

        assert sum("Its next owner" in asked for asked, _ in at.console.prompts) == 2
        (request,) = [asked for asked in at.fake.requests if isinstance(asked, m.Exit)]
        assert request.heir == "linus"


async def test_a_room_is_deleted_by_who_types_its_name() -> None:
    lines = ("/go kitchen", "/delete-room", "cellar", "/delete-room", "kitchen")
    async with seat(_owned(), "ada", *lines) as at:
        await at.console.until("The room's name is kitchen.")
        await at.console.until("You're no longer in kitchen.")

        assert "kitchen" not in at.fake.rooms


async def test_somebody_is_written_to_alone() -> None:
    async with seat(_owned(), "ada", "/msg linus are you there?") as at:
        await at.console.until("Now in linus.")
        await at.console.until("are you there?")
        await at.console.asked("linus> ")


async def test_messages_are_searched_for_in_rooms_as_people_call_them() -> None:
    fake = _fake(messages=3)
    async with seat(fake, "ada", "/search", "line in:General") as at:
        await at.console.until("3 messages found.")

        (request,) = [asked for asked in fake.requests if isinstance(asked, m.Search)]
        assert request.room == "general"
