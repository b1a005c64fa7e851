"""Around the composer: completions, drafts over a restart, replies and edits."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from chat_shared import messages as m
from chat_shared.names import _fold
from chat_tui.commands import parser
from chat_tui.model.draft import Quote
from chat_tui.storage.paths import Paths
from chat_tui.storage.settings import Settings
from support.fake_server import AT
from support.tui_chat import Client, chatting, fake_with, open_room

pytestmark = pytest.mark.asyncio


@asynccontextmanager
async def _having_sent_soop(*rooms: str) -> AsyncGenerator[Client]:
    """Yield the chat in which we have sent one message, which is on the screen."""
    fake = fake_with(*rooms)
    fake.post("general", "ada", "soop")
    async with chatting(fake) as running:
        await running.sees("soop")
        yield running


async def test_completions_are_shown_with_their_usage() -> None:
    async with chatting(fake_with()) as running:
        await running.write("/cr")
        await running.sees("/create  NAME")
        await running.press("tab")
        await running.until(lambda: running.typed == "/create ")
        await running.sees("/create NAME")  # spelled out while the argument is typed
        await running.press("backspace")
        await running.until(lambda: running.typed == "/create")
        await running.sees("/create NAME")  # and as soon as the command is whole


async def test_up_in_an_empty_composer_edits_our_last_message() -> None:
    async with chatting(fake_with()) as running:
        await running.enter("soop")
        await running.until(lambda: running.fake.posts() and running.typed == "")
        await running.sees("soop")
        await running.press("up")
        await running.sees("editing your message")
        await running.press("backspace", "backspace", "u", "p", "enter")
        await running.until(lambda: any(isinstance(r, m.Edit) for r in running.fake.requests))

        edits = [request for request in running.fake.requests if isinstance(request, m.Edit)]
        assert [(edit.room, edit.text) for edit in edits] == [("general", "soup")]
        await running.sees_no("editing your message")


async def test_without_a_message_to_edit_up_says_so_and_names_the_key_that_helps() -> None:
    settings = Settings("test.example", "ada", keys={"message.older": "f11"})
    async with chatting(fake_with(), settings) as running:
        await running.press("up")
        await running.sees(
            "You have no message here to edit. F11 brings back what you sent before."
        )


async def test_a_draft_is_kept_in_its_room_and_over_a_restart(tmp_path: Path) -> None:
    fake = fake_with("kitchen")
    async with chatting(fake, folder=Paths(tmp_path)) as running:
        await running.write("half a sen")
        await open_room(running, "kitchen")
        await running.until(lambda: running.typed == "")
        await running.write("soup?")
    async with chatting(fake, folder=Paths(tmp_path)) as running:
        await running.until(lambda: running.typed == "half a sen")
        await running.press("f6")
        await running.until(lambda: running.typed == "soup?")


async def test_a_draft_is_on_disk_after_every_pause_in_the_typing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat_tui.ui.chat.drafting._PAUSE", 0.01)

    def on_disk(text: str) -> bool:
        return any(text in path.read_text() for path in tmp_path.glob("drafts/*.json"))

    async with chatting(fake_with(), folder=Paths(tmp_path)) as running:
        for word in ("one", "two", "three"):
            await running.write(word)
            await running.until(partial(on_disk, word))


async def test_an_unfinished_edit_is_kept_in_its_room() -> None:
    async with _having_sent_soop("kitchen") as running:
        await running.press("up", "!")
        await open_room(running, "kitchen")
        await running.sees_no("editing your message")
        assert running.typed == ""
        await running.press("f6")
        await running.sees("editing your message")
        assert running.typed == "soop!"


async def test_a_first_message_that_waits_replaces_how_to_begin() -> None:
    async with chatting(fake_with("kitchen")) as running:
        await open_room(running, "kitchen")
        await running.sees("No messages yet.")
        running.client.cut()
        await running.enter("soup?")
        await running.sees("queued")
        await running.sees_no("No messages yet.")


async def test_a_failed_edit_can_be_tried_again() -> None:
    async with _having_sent_soop() as running:
        running.client.cut()
        await running.press("up", "!", "enter")
        await running.sees("You're offline.")
        await running.sees("editing your message")
        assert running.typed == "soop!"


async def test_an_edit_that_changes_nothing_is_not_sent() -> None:
    async with _having_sent_soop() as running:
        await running.press("up", "enter")
        await running.sees_no("editing your message")
        await running.enter("bread")
        await running.sees("bread")
        assert not any(isinstance(request, m.Edit) for request in running.fake.requests)


async def test_a_reply_or_edit_follows_changes_of_its_message() -> None:
    async with _having_sent_soop() as running:
        running.composer.begin_reply(Quote(1, "ada", "soop"))
        await running.sees("↳ ada: soop  Esc")
        running.fake.edit("general", "ada", 1, "soup")
        await running.sees("↳ ada: soup  Esc")
        await running.press("escape", "up", "!")
        running.fake.broadcast("general", m.Deleted("general", 3, 1, "ada", AT))
        await running.sees("you were editing was deleted. Ctrl+↑ brings back your text.")
        await running.sees_no("editing your message")
        await running.press("ctrl+up")
        assert running.typed == "soup!"


async def test_a_refused_reply_is_taken_back_as_a_reply() -> None:
    fake = fake_with()
    fake.post("general", "linus", "soup?")
    async with chatting(fake) as running:
        await running.sees("soup?")
        outbox = running.app.state.outbox
        outbox.refused(outbox.add("general", "//yes", reply=1).nonce, "Muted.")
        await running.press("up")
        await running.sees("↳ linus: soup?  Esc")
        assert parser.read(running.typed) == parser.SendMessage("//yes")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("/create general", "There is a room called general already."),
        ("/topic soup", "Only the room's owner can do that."),
        ("/msg nobody hello", "Nobody here has this name."),
        ("/go nowhere", "You're not in nowhere."),
    ],
)
async def test_a_command_that_fails_stays_in_the_composer(line: str, sentence: str) -> None:
    async with chatting(fake_with()) as running:
        await running.enter(line)

        await running.sees(sentence)
        await running.until(lambda: running.typed == line)


async def test_a_command_without_arguments_does_not_stand_before_what_is_typed_next() -> None:
    async with chatting(fake_with()) as running:
        await running.enter("/delete-room")
        await running.sees("This room has no owner, so nobody can do that.")
        await running.enter("one for you")

        await running.until(lambda: running.fake.posts())
        assert [post.text for post in running.fake.posts()] == ["one for you"]


async def test_a_command_typed_while_offline_stays_in_the_composer() -> None:
    async with chatting(fake_with()) as running:
        running.client.cut()
        await running.enter("/topic soup")

        await running.sees("You're offline.")
        await running.until(lambda: running.typed == "/topic soup")


async def test_a_command_that_fails_later_does_not_disturb_what_is_typed_meanwhile() -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        fake.is_slow = True
        await running.enter("/topic soup")
        await running.write("so")
        fake.answer_all()

        await running.sees("Only the room's owner can do that.")
        assert running.typed == "so"


async def test_a_paste_at_a_selected_message_goes_into_the_composer() -> None:
    async with _having_sent_soop() as running:
        await running.press("ctrl+l")
        running.paste("or bread")

        await running.until(lambda: running.typed == "or bread")
        assert running.composer.has_focus


async def test_our_own_name_is_not_offered() -> None:
    async with chatting(fake_with()) as running:
        await running.write("@")
        await running.sees("@linus")

        assert "@ada" not in running.text()


async def test_to_type_does_not_fold_the_names_of_all_members() -> None:
    fake = fake_with()
    fake.rooms["general"].members |= {f"m{n}": f"M{n}" for n in range(190)}
    async with chatting(fake) as running:
        _fold.cache_clear()

        await running.press("x")
        await running.until(lambda: running.typed == "x")

        assert _fold.cache_info().misses < 20
