import asyncio

import pytest

from chat_tui.ui.dialogs.confirm import Confirm
from chat_tui.ui.log.lone_letters import ALONE
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


@pytest.mark.parametrize(("letter", "answer"), [("y", True), ("n", None)])
async def test_enter_right_behind_a_letter_means_the_same(letter: str, answer: bool | None) -> None:
    answers: list[bool | None] = []
    async with chatting(FakeServer()) as running:
        running.app.push_screen(Confirm("Really?", "Do it"), answers.append)
        await running.sees("Really?")
        await running.press(letter, "enter")

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


@pytest.mark.parametrize("text", ["sending this", "yes I do", "not yet", "yy"])
async def test_a_letter_of_a_word_is_no_answer_and_sends_nothing(text: str) -> None:
    fake = FakeServer()
    answers: list[bool | None] = []
    async with chatting(fake) as running:
        running.app.push_screen(Confirm("Really?", "Do it"), answers.append)
        await running.sees("Really?")
        await running.write(text)
        await running.until(lambda: running.app.focused is running.app.screen.query_one("#no"))
        later = asyncio.Event()
        running.app.set_timer(ALONE, later.set)
        await running.until(later.is_set)
        assert answers == []
        await running.press("enter")

        await running.until(lambda: answers)
        assert answers == [None]
        assert running.typed == ""
        assert posted_texts(fake) == []
