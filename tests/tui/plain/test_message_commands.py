"""Replies, edits, deletions and reactions without a screen, by the number of a message."""

import pytest

from chat_shared import messages as m
from support.fake_server import AT, FakeServer
from support.plain_console import seat

pytestmark = pytest.mark.asyncio


def _fake() -> FakeServer:
    fake = FakeServer()
    fake.account("ada")
    fake.account("ben")
    fake.room("kitchen", "k7qm-2vxh-9rtd", "ada")
    fake.post("general", "ben", "Soup or salad?")
    fake.post("general", "ada", "Sop!")
    return fake


async def test_without_a_number_the_last_messages_are_written_with_theirs() -> None:
    async with seat(_fake(), "ada", "/reply") as at:
        await at.console.until("Type the number of a message after the command: /reply 2 Yes!")
        assert any(line.endswith("ben: Soup or salad? [1]") for line in at.console.written)
        assert any(line.endswith("ada: Sop! [2]") for line in at.console.written)

        at.fake.post("general", "ben", "And bread?")
        await at.console.until("And bread? [3]")
        at.console.type("/numbers")
        await at.console.until("Message numbers are hidden.")
        at.fake.post("general", "ben", "And wine?")
        await at.console.until("And wine?")
        assert at.console.written[-1].endswith("And wine?")


async def test_a_reply_names_the_message_that_it_is_for() -> None:
    async with seat(_fake(), "ada", "/reply 1  Soup, of course!") as at:
        await at.console.until("Soup, of course!")

        (post,) = at.fake.posts()
        assert (post.reply, post.text) == (1, "Soup, of course!")


async def test_an_own_message_is_edited_and_written_again() -> None:
    async with seat(_fake(), "ada", "/edit 2 Soup!") as at:
        await at.console.until("Changed: ")
        assert at.console.written[-1].endswith("ada: Soup! (edited)")


async def test_what_was_typed_at_the_terminal_has_a_number_too() -> None:
    async with seat(_fake(), "ada", "Bread, pleas", at_terminal=True) as at:
        at.console.type("/members", "/edit")  # the members arrive after the message has
        await at.console.until("Bread, pleas [3]")
        at.console.type("/edit 3 Bread, please")
        await at.console.until("ada: Bread, please (edited) [3]")


@pytest.mark.parametrize(("answer", "deleted"), [("y", True), ("", False)])
async def test_a_deletion_shows_the_message_and_asks(answer: str, deleted: bool) -> None:
    async with seat(_fake(), "ada", "/delete 2", answer) as at:
        await at.end()

        (question,) = (prompt for prompt, _ in at.console.prompts if "Delete this" in prompt)
        assert "ada: Sop!" in question
        assert any(isinstance(r, m.Delete) and r.of == 2 for r in at.fake.requests) == deleted


@pytest.mark.parametrize("emoji", ["tada", ":tada:", "🎉"])
async def test_a_reaction_is_given_by_its_name_or_itself(emoji: str) -> None:
    async with seat(_fake(), "ada", f"/react 1 {emoji}") as at:
        await at.end()

        (sent,) = (r for r in at.fake.requests if isinstance(r, m.React))
        assert (sent.of, sent.emoji, sent.off) == (1, "🎉", False)


@pytest.mark.parametrize(
    ("author", "emoji", "off"), [("ada", "🎉", True), ("ada", "👀", False), ("ben", "🎉", False)]
)
async def test_only_our_own_reaction_is_taken_back_and_only_by_the_same_emoji(
    author: str, emoji: str, off: bool
) -> None:
    async with seat(_fake(), "ada") as at:
        await at.console.until("Sop!")
        at.chat.state.apply(m.Reacted("general", 3, 1, author, AT, emoji))
        at.console.type("/react 1 tada")
        await at.end()

        (sent,) = (r for r in at.fake.requests if isinstance(r, m.React))
        assert (sent.emoji, sent.off) == ("🎉", off)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("/edit 1 Mine", "You can only edit your own messages."),
        ("/reply 7 Yes", "There is no message 7. /reply lists the last ones."),
        ("/react 1 nonsense", "nonsense isn't an emoji"),
        ("/reply yes", "Usage: /reply [NUMBER TEXT]"),
        ("/reply 1", "Usage: /reply [NUMBER TEXT]"),
        ("/delete 1 now", "Usage: /delete [NUMBER]"),
        ("/reply 1 " + "x" * 8_001, "the limit is 8,000"),
    ],
)
async def test_what_cannot_be_done_is_a_sentence(typed: str, answer: str) -> None:
    asked = (m.Post, m.Edit, m.Delete, m.React)
    async with seat(_fake(), "ada", typed) as at:
        await at.console.until(answer)
        assert not any(isinstance(request, asked) for request in at.fake.requests)


async def test_a_number_of_another_room_does_nothing_here() -> None:
    async with seat(_fake(), "ada") as at:
        await at.console.until("Sop!")
        at.console.type("/go kitchen", "/reply 1 Yes")
        await at.console.until("Message 1 is in general, which isn't the open room.")
        assert not at.fake.posts()


async def test_a_message_that_was_deleted_meanwhile_is_left_alone() -> None:
    async with seat(_fake(), "ada") as at:
        await at.console.until("Sop!")
        at.fake.broadcast("general", m.Deleted("general", 3, 2, "ada", AT))
        await at.console.until("(message deleted)")
        at.console.type("/edit 2 Again")
        await at.console.until("Message 2 was deleted.")


async def test_a_number_of_a_room_that_is_gone_does_nothing() -> None:
    async with seat(_fake(), "ada") as at:
        await at.console.until("Sop!")
        at.chat.room.mark_gone()
        at.console.type("/reply 1 Yes")
        await at.console.until("Message 1 is in general, which isn't the open room.")
