from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from chat_shared import messages as m
from chat_tui.ui.dialogs import interruption
from support.tui_chat import HOSTILE, Client, chatting, fake_with, open_room
from support.tui_pilot import burst

pytestmark = pytest.mark.asyncio


async def test_text_typed_after_a_removal_is_sent_nowhere() -> None:
    fake = fake_with("attic")
    async with chatting(fake) as running:
        await open_room(running, "attic")
        await running.write("the code of the s")
        fake.broadcast("attic", m.Left("attic", "ada", by="ben", action="kick"))
        await running.sees("ben kicked you from attic. Your")
        await running.write("afe is 1234, any n or y")
        await running.press("enter")
        await running.sees("Your draft is kept")
        await running.press("escape")

        await running.sees("Message general")
        assert running.typed == ""
        assert fake.posts() == []

        fake.broadcast("attic", m.Entered("attic", "ada"))
        await running.sees("  attic")
        await running.press("f6")
        await running.until(lambda: running.typed == "the code of the s")


async def test_a_line_typed_just_as_the_room_is_gone_is_sent_nowhere() -> None:
    fake = fake_with("attic")
    async with chatting(fake) as running:
        await open_room(running, "attic")
        fake.broadcast("attic", m.Left("attic", "ada", by="ben", action="kick"))
        burst(running.app, *"password", "enter")

        await running.sees("ben kicked you from attic.")
        await running.press("escape")
        await running.sees("Message general")
        assert running.typed == ""
        assert fake.posts() == []


async def test_enter_goes_on_once_the_sentence_was_there_for_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with _kicked_from_attic(monkeypatch, pause=0) as running:
        await running.press("enter")

        await running.sees_no("ben kicked you from attic.")
        await running.sees("Message general")


async def test_an_enter_that_comes_at_once_was_meant_for_what_was_there_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with _kicked_from_attic(monkeypatch, pause=60) as running:
        await running.press("enter")
        await running.settle()

        assert "ben kicked you from attic." in running.text()


@asynccontextmanager
async def _kicked_from_attic(
    monkeypatch: pytest.MonkeyPatch, pause: float
) -> AsyncGenerator[Client]:
    """Yield a client that tells of a kick, and takes no Enter for `pause` seconds."""
    monkeypatch.setattr(interruption, "PAUSE", pause)
    fake = fake_with("attic")
    async with chatting(fake) as running:
        await open_room(running, "attic")
        fake.broadcast("attic", m.Left("attic", "ada", by="ben", action="kick"))
        await running.sees("ben kicked you from attic.")
        yield running


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_are_shown_harmlessly(name: str) -> None:
    fake = fake_with()
    fake.room(name, "k7qm", "ada")
    async with chatting(fake) as running:
        await running.press("f6")
        await running.write("a")
        fake.broadcast(name, m.Left(name, "ada", by="ben"))
        await running.sees("Continue in general")
        assert "\x1b" not in running.text()
