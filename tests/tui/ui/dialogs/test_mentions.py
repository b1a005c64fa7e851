import pytest

from chat_tui.ui.widgets.hit_list import HitList
from support.tui_chat import HOSTILE, chatting, fake_with

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("way", ["f9", "/mentions"])
async def test_what_called_one_is_listed_and_gone_to(way: str) -> None:
    fake = fake_with("attic")
    fake.say("attic", "linus", "@ada, is there soup?")
    fake.say("general", "linus", "nobody is called")
    async with chatting(fake) as running:
        await (running.enter(way) if way.startswith("/") else running.press(way))
        await running.sees("What called you")
        await running.sees("# attic  linus")
        assert "nobody" not in "".join(running.text().split("What called you")[1:])
        await running.press("enter")

        await running.sees("Message attic")


async def test_the_call_itself_is_seen_however_long_the_message_is() -> None:
    fake = fake_with()
    fake.say("general", "linus", f"{'soup ' * 300}, @Ada's bread")
    async with chatting(fake, size=(40, 15)) as running:
        await running.press("f9")
        await running.sees("…oup soup soup , @Ada")

        (hit,) = running.app.screen.query_one(HitList).hits
        assert [hit.text[since:to] for since, to in hit.marks] == ["@Ada"]


async def test_whom_nobody_called_is_told_how_people_do_it() -> None:
    async with chatting(fake_with()) as running:
        await running.press("f9")
        await running.sees("Nobody has called you yet.")
        await running.press("enter", "escape")

        await running.sees_no("Nobody has called you yet.")


async def test_offline_it_says_so() -> None:
    async with chatting(fake_with()) as running:
        running.client.cut()
        await running.press("f9")

        await running.sees("The server is out of reach.")


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_is_harmless(text: str) -> None:
    fake = fake_with()
    fake.say("general", text, f"@ada {text}")
    async with chatting(fake) as running:
        await running.press("f9")

        await running.sees("Enter: go there")
        assert not set(running.text()) & set("\x1b\x07\u202e\u2066")
