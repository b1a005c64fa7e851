"""What is written in the composer as an answer or an edit."""

import pytest

from chat_tui.commands import parser
from chat_tui.model.draft import Draft, Edit, Quote, Reply
from chat_tui.ui.messages import InputRejected
from support.tui_composer import Submitted, composing
from support.tui_pilot import until, write

pytestmark = pytest.mark.asyncio


async def test_a_reply_is_a_reply_once() -> None:
    async with composing() as (composer, host, pilot):
        quote = Quote(7, "ben", "soup?")
        await write(pilot, "yes")
        composer.begin_reply(quote)
        await pilot.press("enter")
        await write(pilot, "and bread")
        await pilot.press("enter")

        await until(pilot, lambda: len(host.of(Submitted)) == 2)
        assert [said.intent for said in host.of(Submitted)] == [Reply(quote), None]


async def test_an_edit_puts_the_draft_aside() -> None:
    async with composing() as (composer, host, pilot):
        await write(pilot, "a draft")
        composer.begin_edit(7, "soop")
        assert composer.unfinished == Draft("soop", Edit(7), Draft("a draft"))
        await pilot.press("backspace", "backspace", "u", "p", "enter")

        await until(pilot, lambda: host.of(Submitted))
        assert host.of(Submitted)[0].intent == Edit(7)
        assert host.of(Submitted)[0].meaning == parser.SendMessage("soup")
        assert composer.text == "a draft"


async def test_escape_cancels_an_edit_and_keeps_its_text_in_the_history() -> None:
    async with composing() as (composer, host, pilot):
        composer.begin_edit(7, "soop")
        await pilot.press("!", "escape")
        assert composer.text == ""
        await pilot.press("ctrl+up")

        assert composer.text == "soop!"
        assert host.of(Submitted) == []


async def test_a_reply_begun_during_an_edit_does_not_take_its_text() -> None:
    async with composing() as (composer, _, pilot):
        await write(pilot, "yes")
        composer.begin_edit(7, "soop")
        composer.begin_reply(Quote(8, "ben", "soup?"))
        assert composer.unfinished == Draft("yes", Reply(Quote(8, "ben", "soup?")))

        composer.begin_edit(7, "soop")
        composer.begin_edit(9, "bred")
        await pilot.press("escape")
        assert composer.unfinished == Draft("yes", Reply(Quote(8, "ben", "soup?")))


async def test_a_message_that_begins_with_a_slash_is_edited_not_run() -> None:
    async with composing() as (composer, host, pilot):
        composer.begin_edit(7, "/quit is how to end")
        await pilot.press("enter")

        await until(pilot, lambda: host.of(Submitted))
        assert host.of(Submitted)[0].meaning == parser.SendMessage("/quit is how to end")


async def test_an_empty_edit_is_rejected() -> None:
    async with composing() as (composer, host, pilot):
        composer.begin_edit(7, "x")
        await pilot.press("backspace", "enter")

        await until(pilot, lambda: host.of(InputRejected))
        assert composer.intent == Edit(7)
