import pytest

from chat_tui.ui.dialogs.confirm import Confirm
from support.fake_server import FakeServer
from support.tui_chat import chatting, posted_texts

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize(
    ("way", "answer"),
    [
        ("y", True),
        ("enter", True),
        ("n", None),
        ("escape", None),
        ("#yes", True),
        ("#no", None),
    ],
)
async def test_a_question_has_two_answers(way: str, answer: bool | None) -> None:
    answers: list[bool | None] = []
    async with chatting(FakeServer()) as running:
        running.app.push_screen(Confirm("Really [/] \x1b?", "Do it"), answers.append)
        await running.sees("Really [/] ␛?")
        if way.startswith("#"):
            await running.pilot.click(way)
        else:
            await running.press(way)

        await running.until(lambda: answers)
        assert answers == [answer]


async def test_typing_on_confirms_nothing() -> None:
    answers: list[bool | None] = []
    async with chatting(FakeServer()) as running:
        running.app.push_screen(Confirm("Really?", "Do it"), answers.append)
        await running.sees("Really?")
        await running.write("way")
        assert answers == []
        await running.press("enter")

        await running.until(lambda: answers)
        assert answers == [None]


async def test_an_n_in_the_middle_of_a_word_is_no_answer_and_sends_nothing() -> None:
    fake = FakeServer()
    answers: list[bool | None] = []
    async with chatting(fake) as running:
        running.app.push_screen(Confirm("Really?", "Do it"), answers.append)
        await running.sees("Really?")
        await running.write("sending this")
        assert answers == []
        await running.press("enter")

        await running.until(lambda: answers)
        assert answers == [None]
        assert running.typed == ""
        assert posted_texts(fake) == []
