"""Keys that arrive in one burst, before the effect of any is drawn."""

import asyncio
import time
from typing import ClassVar

import pytest
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from chat_shared import messages as m
from chat_tui.ui.key_order import KeyOrder
from chat_tui.ui.log import lone_letters
from support.tui_chat import Client, chatting, fake_with, posted_texts
from support.tui_pilot import burst

pytestmark = pytest.mark.asyncio


def _type(running: Client, *parts: str) -> None:
    """Queue keys at once: words letter by letter, other keys by their name."""
    for part in parts:
        keys = [part] if part in _KEYS else ["space" if char == " " else char for char in part]
        burst(running.app, *keys)


def _filled_in(running: Client) -> list[str]:
    return [field.value for field in running.app.screen.query(Input)]


_KEYS = {
    "enter", "escape", "tab", "up", "ctrl+n", "ctrl+g", "ctrl+k", "ctrl+f", "ctrl+l", "ctrl+p",
    "f3", "f5", "f6", "f10", "end",
}  # fmt: skip


@pytest.mark.parametrize("opening", [("ctrl+g",), ("/join", "enter")])
async def test_a_password_typed_ahead_goes_into_the_dialog(opening: tuple[str, ...]) -> None:
    fake = fake_with()
    fake.room("kitchen", "k7qm")
    async with chatting(fake) as running:
        _type(running, *opening, "kitchen", "tab", "k7qm", "enter")

        await running.sees("Message kitchen")
        assert posted_texts(fake) == []
        assert running.typed == ""


async def test_after_join_with_a_room_the_password_is_asked_for_at_once() -> None:
    fake = fake_with()
    fake.room("kitchen", "k7qm")
    async with chatting(fake) as running:
        _type(running, "/join kitchen", "enter", "k7qm", "enter")

        await running.sees("Message kitchen")
        assert posted_texts(fake) == []


@pytest.mark.parametrize("opening", [("ctrl+n",), ("/create", "enter")])
async def test_the_name_of_a_new_room_typed_ahead_goes_into_the_dialog(
    opening: tuple[str, ...],
) -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        _type(running, *opening, "attic", "enter")

        await running.sees("attic is ready")
        assert posted_texts(fake) == []


async def test_passwords_typed_ahead_are_not_sent_as_messages() -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        _type(running, "/password", "enter", "correct horse", "tab", "battery staple", "enter")

        await running.until(lambda: _filled_in(running)[:2] == ["correct horse", "battery staple"])
        assert posted_texts(fake) == []


async def test_a_line_typed_after_choosing_a_room_is_sent_there() -> None:
    fake = fake_with("kitchen")
    async with chatting(fake) as running:
        _type(running, "first", "enter", "ctrl+k", "kitch", "enter", "second", "enter", "third")

        await running.until(lambda: posted_texts(fake, "kitchen") == ["second"])
        await running.until(lambda: running.typed == "third")
        assert posted_texts(fake) == ["first"]


async def test_each_line_is_sent_to_the_room_that_was_open() -> None:
    fake = fake_with("attic")
    async with chatting(fake) as running:
        _type(running, "one", "enter", "f6", "two", "enter", "f5", "three", "enter")

        await running.until(lambda: posted_texts(fake) == ["one", "three"])
        assert posted_texts(fake, "attic") == ["two"]


async def test_text_typed_before_a_key_is_kept_as_the_draft() -> None:
    async with chatting(fake_with("attic")) as running:
        _type(running, "half a thought", "f6", "another", "f5")

        await running.until(lambda: running.typed == "half a thought")


async def test_the_answer_to_a_confirmation_may_be_typed_ahead() -> None:
    fake = fake_with("kitchen")
    async with chatting(fake) as running:
        _type(running, "f6", "f10", "y")

        await running.sees("You left kitchen.")
        assert posted_texts(fake) == posted_texts(fake, "kitchen") == []


async def test_typing_on_confirms_no_question_and_sends_nothing() -> None:
    fake = fake_with("kitchen")
    async with chatting(fake) as running:
        _type(running, "f6", "/exit", "enter", "why so", "enter")

        await running.sees("Message kitchen")
        await running.pilot.pause()
        assert "ada" in fake.rooms["kitchen"].members
        assert posted_texts(fake, "kitchen") == []


async def test_a_message_is_selected_and_acted_on_in_one_burst() -> None:
    fake = fake_with()
    fake.post("general", "linus", "soup?")
    async with chatting(fake) as running:
        await running.sees("soup?")
        _type(running, "ctrl+l", "r")

        await running.sees("↳ linus: soup?  Esc")
        _type(running, "yes", "enter")
        await running.until(
            lambda: [line.text for line in fake.rooms["general"].lines][1:] == ["yes"]
        )


@pytest.mark.parametrize("text", ["really?", "everybody", "during", "yes!", "+1", "just so", "o"])
async def test_a_word_at_a_selected_message_is_typed_whole(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lone_letters, "ALONE", 60)
    fake = fake_with()
    fake.post("general", "ada", "soup?")
    async with chatting(fake) as running:
        await running.sees("soup?")
        _type(running, "ctrl+l", text, *([" "] if len(text) == 1 else []))

        await running.until(lambda: running.typed == (text if len(text) > 1 else f"{text} "))
        assert running.composer.intent is None


async def test_a_letter_acts_before_the_next_key_that_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lone_letters, "ALONE", 60)
    fake = fake_with()
    fake.post("general", "ada", "soup?")
    async with chatting(fake) as running:
        await running.sees("soup?")
        _type(running, "ctrl+l", "d", "escape", "ctrl+l", "e", "end", "!", "enter")

        await running.until(lambda: fake.rooms["general"].lines[0].text == "soup?!")
        assert not any(isinstance(request, m.Delete) for request in fake.requests)


async def test_a_search_can_be_typed_ahead() -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        _type(running, "ctrl+f", "soup", "enter")

        await running.until(lambda: any(isinstance(r, m.Search) for r in fake.requests))
        assert posted_texts(fake) == []


async def test_lines_pasted_without_brackets_are_sent_as_they_were_typed() -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        lines = [f"line {n} of a paste" for n in range(50)]
        for line in lines:
            _type(running, line, "enter")

        await running.until(lambda: len(posted_texts(fake)) == len(lines))
        assert posted_texts(fake) == lines


async def test_a_paste_stays_between_the_keys_around_it() -> None:
    fake = fake_with("attic")
    async with chatting(fake) as running:
        _type(running, "a")
        running.app.post_message(events.Paste("b"))
        _type(running, "c", "enter", "f6")
        running.app.post_message(events.Paste("d"))
        _type(running, "enter")

        await running.until(lambda: posted_texts(fake, "attic") == ["d"])
        assert posted_texts(fake) == ["abc"]


class _Stuck(KeyOrder):
    """An app in which a field handles nothing until it is released."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+k", "reach", priority=True)]

    def __init__(self) -> None:
        super().__init__()
        self.released, self.reached = asyncio.Event(), asyncio.Event()

    def compose(self) -> ComposeResult:
        yield Input()

    async def wait_released(self) -> None:
        await self.released.wait()

    def action_reach(self) -> None:
        self.reached.set()


async def test_a_stuck_widget_delays_the_keys_behind_it_and_does_not_stop_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chat_tui.ui.key_order._PATIENCE", 0.05)
    app = _Stuck()
    async with app.run_test():
        app.query_one(Input).post_message(events.Callback(callback=app.wait_released))
        burst(app, "x", "ctrl+k")

        async with asyncio.timeout(30):
            await app.reached.wait()
        assert not app.released.is_set()
        app.released.set()


class _Starved(KeyOrder):
    """An app on a machine that is too busy for it: each step of a key's effect takes long."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+k", "go_on", priority=True)]

    def compose(self) -> ComposeResult:
        yield Input(id="first")
        yield Input(id="second")

    def action_go_on(self) -> None:
        self.screen.post_message(events.Callback(callback=self._go_on))

    async def _go_on(self) -> None:
        for _ in range(5):
            time.sleep(0.06)  # noqa: ASYNC251 - the event loop is to get no turn
            await asyncio.sleep(0)
        self.screen.set_focus(self.query_one("#second", Input))


async def test_on_a_machine_that_is_too_busy_a_key_waits_for_the_one_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chat_tui.ui.key_order._PATIENCE", 0.05)
    app = _Starved()
    async with app.run_test() as pilot:
        burst(app, "ctrl+k", "x")
        async with asyncio.timeout(30):
            while not any(field.value for field in app.query(Input)):
                await pilot.pause()
        assert [field.value for field in app.query(Input)] == ["", "x"]
