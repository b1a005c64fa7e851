import pytest

from chat_shared import messages as m
from support.tui_chat import HOSTILE, chatting, fake_with, open_room

pytestmark = pytest.mark.asyncio


async def test_text_typed_after_a_removal_is_sent_nowhere() -> None:
    fake = fake_with("attic")
    async with chatting(fake) as running:
        await open_room(running, "attic")
        await running.write("the code of the s")
        fake.broadcast("attic", m.Left("attic", "ada", by="ben"))
        await running.sees("ben removed you from attic. Your")
        await running.write("afe is 1234, any n or y")
        await running.press("enter")

        await running.sees("Message general")
        assert running.typed == ""
        assert fake.posts() == []

        fake.broadcast("attic", m.Entered("attic", "ada"))
        await running.sees("  attic")
        await running.press("f6")
        await running.until(lambda: running.typed == "the code of the s")


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_are_shown_harmlessly(name: str) -> None:
    fake = fake_with()
    fake.room(name, "k7qm", "ada")
    async with chatting(fake) as running:
        await running.press("f6")
        await running.write("a")
        fake.broadcast(name, m.Left(name, "ada", by="ben"))
        await running.sees("continue in general")
        assert "\x1b" not in running.text()
