import pytest
from textual.widgets import OptionList

from support.tui_chat import HOSTILE, chatting, fake_with

pytestmark = pytest.mark.asyncio


async def test_the_list_is_read_newest_first_page_by_page() -> None:
    fake = fake_with()
    fake.extras.page_size = 8
    for n in range(20):
        fake.extras.note("general", "topic", reason=f"topic {n:02}")
    async with chatting(fake) as running:
        await running.enter("/audit")
        await running.sees("Moderation log of general")
        await running.sees("ada set the topic: topic 19")
        assert "topic 05" not in running.text()
        await running.press(*["down"] * 14)

        entries = running.app.screen.query_one(OptionList)
        await running.until(lambda: entries.option_count == 20)


async def test_an_empty_log_says_so() -> None:
    async with chatting(fake_with()) as running:
        await running.enter("/audit")
        await running.sees("No moderation actions yet")
        await running.press("escape")

        await running.sees_no("No moderation actions yet")


async def test_offline_the_log_says_so() -> None:
    async with chatting(fake_with()) as running:
        running.client.cut()
        await running.enter("/audit")

        await running.sees("You're offline.")


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_entries_are_harmless(text: str) -> None:
    fake = fake_with()
    fake.extras.note("general", text, text, name=text, reason=text)
    async with chatting(fake) as running:
        await running.enter("/audit")

        await running.sees("All members can read this")
        assert not set(running.text()) & set("\x1b\x07\u202e\u2066")
