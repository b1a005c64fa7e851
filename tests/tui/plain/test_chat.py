"""Messages of the open room are printed once, in order; the rest is kept for later."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from chat_shared import messages as m
from chat_shared.limits import GENERAL
from chat_shared.text import has_controls
from chat_tui.commands.replies import HISTORY_LOST
from chat_tui.model.address import Invitation
from chat_tui.plain.chat import PlainChat
from chat_tui.plain.console import OutputFailed
from chat_tui.storage.paths import Paths
from chat_tui.storage.settings import Settings
from support.client_reports import until
from support.fake_server import AT, FakeServer
from support.hostile_server import hostile_fake
from support.plain_console import PATIENCE, Console, seat
from support.tui_server import tiny_server

pytestmark = pytest.mark.asyncio


def _fake(messages: int = 0) -> FakeServer:
    fake = FakeServer()
    fake.account("ada")
    fake.account("ben")
    fake.room("kitchen", "k7qm-2vxh-9rtd", "ada", "ben")
    for n in range(1, messages + 1):
        fake.post("general", "ben", f"line {n}")
    return fake


async def test_the_last_messages_are_written_first_and_then_what_is_sent() -> None:
    async with seat(_fake(30)) as at:
        await at.console.until("line 30")
        at.fake.post("general", "ben", "and now?")
        await at.console.until("and now?")

        posted = [line.partition("ben: ")[2] for line in at.console.written if "ben: " in line]
        assert posted == [*[f"line {n}" for n in range(11, 31)], "and now?"]


@pytest.mark.parametrize(("read", "first"), [(5, 6), (25, 11)])
async def test_all_that_is_unread_is_written_before_it_counts_as_read(
    read: int, first: int
) -> None:
    fake = _fake(30)
    fake.rooms["general"].read["ada"] = read
    async with seat(fake) as at:
        await at.console.until("line 30")

        posted = [line.partition("ben: ")[2] for line in at.console.written if "ben: " in line]
        assert posted == [f"line {n}" for n in range(first, 31)]


async def test_what_is_unread_and_too_much_to_be_written_is_shown() -> None:
    fake = _fake(1_200)
    fake.rooms["general"].read["ada"] = 100
    async with seat(fake) as at:
        await at.console.until("line 1200")

        (above,) = (line for line in at.console.written if "earlier unread messages." in line)
        written = sum("ben: " in line for line in at.console.written)
        assert int(above.split()[0].replace(",", "")) == 1_100 - written


async def test_what_one_says_is_written_when_the_server_has_it() -> None:
    async with seat(_fake(), "ada", "soup!") as at:
        await at.console.until("ada: soup!")

        assert [post.text for post in at.fake.posts()] == ["soup!"]
        assert await at.end() == 0


async def test_at_a_terminal_what_was_typed_there_is_not_written_again() -> None:
    async with seat(_fake(), "ada", "soup!", "/msg ben and bread?", at_terminal=True) as at:
        await at.console.asked("ben> ")
        at.fake.post("general", "ada", "soup!", "typed elsewhere")
        at.console.type("/go general")
        await at.console.until("ada: soup!")
        at.console.type("/older")
        await at.console.until("No older messages.")

        assert at.console.text.count("soup!") == 1
        assert "bread" not in at.console.text
        assert [post.text for post in at.fake.posts()] == ["soup!", "and bread?"]


async def test_at_a_terminal_what_the_line_kept_back_is_written_once_it_is_shown() -> None:
    async with seat(_fake(), at_terminal=True) as at:
        await at.console.asked("general> ")
        at.fake.silent = True
        at.console.type("lost on its way?", "/help quit")
        await at.console.until("/quit: Quit (you stay")
        at.server.cut()
        await at.console.until("Trying to reconnect.")
        at.fake.silent = False
        at.console.type("typed while away")
        await at.console.until("ada: lost on its way?")
        await at.console.until("ada: typed while away")


async def test_at_a_terminal_what_is_refused_is_shown_all_the_same() -> None:
    fake = _fake()
    fake.refusals.append(m.Error("muted", "You are muted here."))
    async with seat(fake, "ada", "soup!", at_terminal=True) as at:
        await at.console.until("Not sent: You are muted here. Your message: soup!")


async def test_another_room_is_quiet_until_one_goes_there() -> None:
    async with seat(_fake()) as at:
        await at.console.asked("general> ")
        at.fake.post("kitchen", "ben", "in the kitchen")
        at.fake.post("general", "ben", "in general")
        await at.console.until("in general")
        assert "in the kitchen" not in at.console.text

        at.console.type("/go kitchen")
        await at.console.until("in the kitchen")
        at.console.type("/go general", "/go kitchen", "/rooms")
        await at.console.until("kitchen, current room")
        assert at.console.text.count("in the kitchen") == 1


async def test_a_cut_line_is_shown_and_loses_nothing() -> None:
    async with seat(_fake()) as at:
        await at.console.asked("general> ")
        at.server.cut()
        await at.console.until("Trying to reconnect.")
        at.console.type("typed while away")
        await at.console.until("Reconnected.")
        await at.console.until("ada: typed while away")

        assert at.console.text.count("typed while away") == 1


async def test_a_refused_message_is_shown_with_its_text_and_why() -> None:
    fake = _fake()
    fake.refusals.append(m.Error("too_long", "A message has at most 8,000 characters."))
    async with seat(fake, "ada", "far too long") as at:
        await at.console.until("Not sent: A message has at most")
        await at.console.until("Your message: far too long")

        assert await at.end() == 1


@pytest.mark.parametrize(
    ("lines", "at_terminal", "code"),
    [
        (["/jion kitchen x", "hello"], False, 1),
        (["/jion kitchen x", "hello"], True, 0),
        (["/topic nobody may"], False, 1),
        (["/go cellar", "/go general"], False, 1),
        (["/select"], False, 1),
        (["hello", "/rooms"], False, 0),
    ],
)
async def test_a_script_hears_by_the_exit_code_that_a_line_could_not_be_followed(
    lines: list[str], at_terminal: bool, code: int
) -> None:
    async with seat(_fake(), "ada", *lines, at_terminal=at_terminal) as at:
        assert await at.end() == code


async def test_a_line_that_is_too_long_is_shown_and_the_next_is_sent() -> None:
    async with seat(_fake(), "ada", "x" * 8_001, "y" * 100_000, "z" * 8_000) as at:
        await at.console.until("zzz")

        assert at.console.text.count("the limit is 8,000") == 2
        assert [len(post.text) for post in at.fake.posts()] == [8_000]
        assert await at.end() == 1


async def test_a_console_that_takes_nothing_more_ends_the_chat_with_its_reason() -> None:
    async with seat(_fake()) as at:
        await at.console.asked("general> ")
        at.console.full = True
        at.fake.post("general", "ben", "nobody reads this")

        with pytest.raises(OutputFailed):
            await at.task


async def test_leaving_waits_for_what_was_typed_last() -> None:
    async with seat(_fake(), "ada", *[f"number {n}" for n in range(20)]) as at:
        assert await at.end() == 0

        assert [post.text for post in at.fake.posts()] == [f"number {n}" for n in range(20)]


async def test_what_was_typed_for_a_room_that_is_gone_is_shown_nowhere_else() -> None:
    async with seat(_fake(), "ada", "/go kitchen") as at:
        await at.console.asked("kitchen> ")
        at.fake.broadcast("kitchen", m.Left("kitchen", "ada", "ben", "Not so loud.", "kick"))
        await at.console.until('ben kicked you from kitchen: "Not so loud."')
        at.console.type("my secret soup", "/go general", "still here")
        await at.console.until("ada: still here")

        sentence = "Not sent: you're not in kitchen. Use /go general to continue there."
        assert f"{sentence} Your message: my secret soup" in at.console.written
        assert [(post.room, post.text) for post in at.fake.posts()] == [("general", "still here")]


@pytest.mark.parametrize(
    "command", ["/go cellar", "/join cellar wrong-wrong", "/create kitchen", "/msg nobody"]
)
async def test_what_a_pipe_says_in_a_room_that_it_did_not_get_into_is_shown_nowhere_else(
    command: str,
) -> None:
    async with seat(_fake(), "ada", command, "my secret soup") as at:
        await at.console.until("Your message: my secret soup")
        at.console.type("/go general", "in public")
        await at.console.until("ada: in public")
        assert len(at.fake.posts()) == 1

    async with seat(_fake(), "ada", command, "my secret soup", at_terminal=True) as at:
        await at.end()
        assert len(at.fake.posts()) == 1


async def test_a_link_to_a_room_leads_there() -> None:
    fake, console = _fake(), Console()
    console.type("correct horse", "soup!")
    async with tiny_server(fake) as server:
        chat = PlainChat(console, Settings(name="ada"), Paths())
        way = Invitation(server.address, room="kitchen", password="k7qm-2vxh-9rtd")
        task = asyncio.create_task(chat.run(way))
        await console.until("ada: soup!")
        console.leave()
        assert await task == 0

    assert [post.room for post in fake.posts()] == ["kitchen"]


async def test_who_comes_back_to_a_room_reads_nothing_twice() -> None:
    async with seat(_fake(), "ada", "/go kitchen", "soup!") as at:
        await at.console.until("ada: soup!")
        at.fake.broadcast("kitchen", m.Left("kitchen", "ada", "ben", action="kick"))
        await at.console.until("ben kicked you from kitchen.")
        at.fake.broadcast("kitchen", m.Entered("kitchen", "ada"))
        at.console.type("/join kitchen k7qm-2vxh-9rtd", "and bread!")
        await at.console.until("ada: and bread!")

        assert at.console.text.count("Now in kitchen.") == 2
        assert at.console.text.count("ada: soup!") == 1


async def test_a_room_that_is_gone_is_exited_without_a_question() -> None:
    async with seat(_fake(), "ada", "/go kitchen") as at:
        await at.console.asked("kitchen> ")
        at.fake.broadcast("kitchen", m.Left("kitchen", "ada", "ben", action="kick"))
        await at.console.until("ben kicked you from kitchen.")
        at.console.type("/exit")
        await at.console.asked("general> ")


async def test_who_comes_and_goes_in_the_open_room_is_shown() -> None:
    async with seat(_fake()) as at:
        await at.console.asked("general> ")
        at.fake.broadcast("general", m.Entered("general", "grace"))
        await at.console.until("grace joined")
        at.fake.broadcast("general", m.Left("general", "grace"))
        await at.console.until("grace left")
        at.fake.broadcast("general", m.Notice("Restart at noon."))
        await at.console.until("Notice from the server: Restart at noon.")


async def test_the_end_of_a_mute_is_written_by_itself() -> None:
    async with seat(_fake()) as at:
        await at.console.asked("general> ")
        end = datetime.now(UTC) + timedelta(seconds=0.5)
        at.fake.broadcast("general", m.IsMuted("general", end.isoformat()))
        await at.console.until("You're muted in general")

        await at.console.until("You can write in general again.")


async def test_the_end_of_the_session_ends_the_chat_with_an_error() -> None:
    async with seat(_fake()) as at:
        await at.console.asked("general> ")
        at.fake.tokens.clear()
        at.server.cut()

        assert await at.task == 1


async def test_nobody_waits_for_what_is_unsent_once_the_session_has_ended() -> None:
    async with seat(_fake()) as at:
        await at.console.asked("general> ")
        at.fake.silent = True
        at.console.type("lost?")
        at.console.leave()
        await until(lambda: not at.console.left and at.chat.state.outbox.of("general"))
        at.chat.leave()

        async with asyncio.timeout(PATIENCE):
            assert await at.task == 1


async def test_nothing_that_a_server_names_or_says_acts_on_a_terminal() -> None:
    fake = hostile_fake()
    fake.account("ada")
    (room,) = (name for name in fake.rooms if name != GENERAL)
    listing = ("/rooms", "/members", "/search said", "/older", "/mentions", "/audit", "/invite")
    async with seat(fake, "ada", "hello?", *listing) as at:
        await at.console.until("said the last line")
        at.fake.broadcast(room, m.Posted(room, 99, "linus\x1b[2J", "@ada \x1b[2J\u202e", AT))
        at.fake.broadcast(GENERAL, m.Left(GENERAL, "ada", "linus\x1b[2J", "\x1b]0;x\x07\u202e"))
        at.console.type("/exit", "still here?", "/quit")
        assert await at.task == 1  # nobody may invite into general

        shown = [*at.console.written, *(prompt for prompt, _ in at.console.prompts)]
        assert not [text for text in shown if has_controls(text) or "\u202e" in text]


async def test_without_more_lines_it_ends_once_nothing_gets_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chat_tui.plain.progress.SEND_WITHIN", 0.05)
    async with seat(_fake()) as at:
        await at.console.asked("general> ")
        at.fake.silent = True
        at.console.type("lost?")

        assert await at.end() == 1
        sentence = "1 message not sent. Nothing is kept here: send it again."
        assert sentence in at.console.written


async def test_a_pipe_waits_while_many_messages_wait_and_a_person_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chat_tui.plain.progress.SEND_WITHIN", 0.05)
    monkeypatch.setattr("chat_tui.plain.progress.MAX_TO_SEND", 2)
    for at_terminal in (False, True):
        async with seat(_fake(), at_terminal=at_terminal) as at:
            await at.console.asked("general> ")
            at.fake.silent = True
            at.console.type("one", "two", "three")
            if at_terminal:
                await at.console.until("Not sent: 2 messages are waiting already.")
                assert "Your message: three" in at.console.text
            else:
                for _ in range(20):
                    await asyncio.sleep(0)
                assert at.console.left == 1  # not read
            at.fake.silent = False


async def test_what_a_restored_server_has_is_written_again_and_gets_numbers_of_its_own() -> None:
    fake = _fake(3)
    async with seat(fake, "ada", "/numbers") as at:
        await at.console.until("ben: line 3 [3]")
        at.server.accepting = False
        at.server.cut()
        await at.console.until("Trying to reconnect.")
        del fake.rooms["general"].lines[1:]
        for text in ("other", "another"):
            fake.post("general", "ben", text, at="2026-11-22T10:45:00.000Z")
        at.server.accepting = True

        await at.console.until(HISTORY_LOST)
        await at.console.until("ben: another [6]")
        at.console.type("/reply 3 yes")
        await at.console.until("There is no message 3.")
        fake.post("general", "ben", "live")
        await at.console.until("ben: live [7]")

        since = at.console.text.partition(HISTORY_LOST)[2]
        assert [text in since for text in ("line 1 [4]", "other [5]", "line 2", "line 3")] == [
            True,
            True,
            False,
            False,
        ]
