import pytest

from chat_tui.ui.widgets.hit_list import HitList
from support.tui_chat import HOSTILE, chatting, fake_with

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("way", ["f9", "/mentions"])
async def test_mentions_are_listed_and_one_is_opened(way: str) -> None:
    fake = fake_with("attic")
    fake.post("attic", "linus", "@ada, is there soup?")
    fake.post("general", "linus", "nobody is mentioned")
    async with chatting(fake) as running:
        await (running.enter(way) if way.startswith("/") else running.press(way))
        await running.sees("Mentions")
        await running.sees("# attic  linus")
        assert "nobody" not in "".join(running.text().split("Mentions")[1:])
        await running.press("enter")

        await running.sees("Message attic")


async def test_the_mention_is_visible_however_long_the_message_is() -> None:
    fake = fake_with()
    fake.post("general", "linus", f"{'soup ' * 300}, @Ada's bread")
    async with chatting(fake, size=(40, 15)) as running:
        await running.press("f9")
        await running.sees("…oup soup soup , @Ada")

        (hit,) = running.app.screen.query_one(HitList).hits
        assert [hit.text[since:to] for since, to in hit.marks] == ["@Ada"]


async def test_without_mentions_it_says_how_people_mention_you() -> None:
    async with chatting(fake_with()) as running:
        await running.press("f9")
        await running.sees("No mentions yet.")
        await running.press("enter", "escape")

        await running.sees_no("No mentions yet.")


async def test_until_the_server_replies_it_says_that_it_waits() -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        fake.is_slow = True
        await running.press("f9")
        await running.sees("Loading…")
        fake.answer_all()

        await running.sees_no("Loading…")


async def test_offline_the_list_says_so() -> None:
    async with chatting(fake_with()) as running:
        running.client.cut()
        await running.press("f9")

        await running.sees("You're offline.")


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_is_harmless(text: str) -> None:
    fake = fake_with()
    fake.post("general", text, f"@ada {text}")
    async with chatting(fake) as running:
        await running.press("f9")

        await running.sees("Enter: go there")
        assert not set(running.text()) & set("\x1b\x07\u202e\u2066")
