"""On the screen, what a restored server has lost makes room for what it has."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from chat_tui.commands.replies import HISTORY_LOST
from chat_tui.model.draft import Quote
from chat_tui.ui.log.message_log import MessageLog
from support.tui_chat import Client, chatting, fake_with, open_room

pytestmark = pytest.mark.asyncio

LATER = "2026-11-22T10:45:00.000Z"


@asynccontextmanager
async def _having_seen_what_is_lost() -> AsyncGenerator[Client]:
    """Yield the chat with three messages in general, which is open."""
    fake = fake_with("kitchen")
    for text in ("kept", "lost", "lost as well"):
        fake.post("general", "linus", text)
    async with chatting(fake) as running:
        await running.sees("lost as well")
        yield running


async def _come_back(running: Client, *texts: str) -> None:
    """Go back to the first message, post these, and let ada reconnect."""
    running.client.cut()
    room = running.fake.rooms["general"]
    del room.lines[1:]
    for text in texts:
        running.fake.post("general", "linus", text, at=LATER)
    running.client.reconnect()


@pytest.mark.parametrize("since", [["other", "another"], ["other", "another", "new"]], ids=len)
async def test_other_messages_of_the_same_numbers_are_shown_instead(since: list[str]) -> None:
    async with _having_seen_what_is_lost() as running:
        await _come_back(running, *since)

        await running.sees(since[-1])
        await running.sees(HISTORY_LOST[:40])
        await running.sees_no("lost")
        texts = [line.text for line in running.app.state.rooms["general"].lines]
        assert texts == ["kept", *since]
        running.fake.post("general", "linus", "live", at=LATER)
        await running.sees("live")


async def test_the_line_where_reading_stopped_is_gone_where_all_is_read() -> None:
    fake = fake_with()
    for text in ("kept", "lost", "lost as well"):
        fake.post("general", "linus", text)
    fake.account("ada")
    fake.rooms["general"].read["ada"] = 1
    async with chatting(fake) as running:
        await running.sees("lost as well")
        assert ("unread",) in running.app.screen.query_one(MessageLog).model
        fake.rooms["general"].read["ada"] = 3

        await _come_back(running, "other", "another")

        await running.sees("another")
        assert ("unread",) not in running.app.screen.query_one(MessageLog).model


async def test_what_is_typed_stays_and_replies_to_nothing() -> None:
    async with _having_seen_what_is_lost() as running:
        running.composer.begin_reply(Quote(3, "linus", "lost as well"))
        await running.write("what do you mean?")
        await running.sees("↳ linus: lost as well  Esc")

        await _come_back(running, "other", "another")

        await running.sees_no("↳ linus")
        assert running.typed == "what do you mean?"
        await running.press("enter")
        await running.until(lambda: running.fake.posts())
        assert [(post.text, post.reply) for post in running.fake.posts()] == [
            ("what do you mean?", 0)
        ]


async def test_a_reply_that_waits_in_another_room_replies_to_nothing() -> None:
    async with _having_seen_what_is_lost() as running:
        running.composer.begin_reply(Quote(3, "linus", "lost as well"))
        await running.write("what do you mean?")
        await open_room(running, "kitchen")

        await _come_back(running, "other", "another")
        await running.enter("/go general")

        await running.sees("another")
        assert running.typed == "what do you mean?"
        assert running.composer.intent is None


async def test_a_message_that_was_selected_is_not_taken_for_another_one() -> None:
    async with _having_seen_what_is_lost() as running:
        log = running.app.screen.query_one(MessageLog)
        await running.press("ctrl+l")
        await running.until(lambda: log.picked is not None)

        await _come_back(running, "other", "another")

        await running.sees("another")
        assert log.picked is None


async def test_a_room_that_is_not_open_starts_over_without_a_word() -> None:
    async with _having_seen_what_is_lost() as running:
        await open_room(running, "kitchen")
        running.fake.post("kitchen", "linus", "lost soup")
        await running.sees("lost soup")
        await running.enter("/go general")
        await running.sees("lost as well")
        running.client.cut()
        running.fake.rooms["kitchen"].lines.clear()
        running.fake.post("kitchen", "linus", "other soup", at=LATER)
        running.client.reconnect()
        await running.settle()

        assert HISTORY_LOST[:40] not in running.text()
        await open_room(running, "kitchen")
        await running.sees("other soup")
        await running.sees_no("lost soup")
