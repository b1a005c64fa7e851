"""Forms: from the first empty field to the reply, with errors beside their fields."""

import asyncio

import pytest
from textual.app import App
from textual.widgets import Button, Label

from chat_shared import messages as m
from chat_tui.commands.replies import OFFLINE
from chat_tui.ui.dialogs.form import FormDialog
from chat_tui.ui.dialogs.join_room import JoinRoom
from chat_tui.ui.widgets.field import Field
from support.fake_server import FakeServer
from support.tui_chat import client
from support.tui_dialogs import DIALOGS, show_dialog
from support.tui_pilot import screen_text, until_seen

pytestmark = pytest.mark.asyncio


class Server(App[None]):
    """Replies to a form's requests with prepared replies, in order."""

    def __init__(self, *replies: m.Reply | None) -> None:
        super().__init__()
        self.asked: list[m.Request] = []
        self._replies = list(replies)

    async def ask(self, request: m.Request) -> m.Reply | None:
        self.asked.append(request)
        return self._replies.pop(0)


class Form(FormDialog[str]):
    """Accepts everything but "no"."""

    def __init__(self, *, destroys: bool = False) -> None:
        self.first, self.second = Field("First", "first"), Field("Second", "second")
        super().__init__(
            "Title",
            self.first,
            self.second,
            submit="Do it",
            explanation="What it means.",
            note="What follows.",
            destroys=destroys,
        )

    def check(self) -> tuple[Field, str] | None:
        return (self.second, "Not that.") if self.second.value == "no" else None

    def request(self) -> m.Request:
        return m.Create(id=m.UNNUMBERED, room=self.first.value)

    def granted(self, reply: m.Reply) -> None:
        self.dismiss("granted")


async def test_enter_goes_to_the_first_empty_field_before_it_sends() -> None:
    app, form, results = Server(m.Ok(re=1)), Form(), list[str | None]()
    async with app.run_test() as pilot:
        app.push_screen(form, results.append)
        await pilot.pause()
        await pilot.press("a", "enter")
        assert form.second.input.has_focus
        await pilot.press("b", "enter")
        await pilot.pause()

    assert app.asked == [m.Create(id=m.UNNUMBERED, room="a")]
    assert results == ["granted"]


async def test_a_bad_value_is_reported_at_its_field_and_not_sent() -> None:
    app, form = Server(), Form()
    async with app.run_test() as pilot:
        app.push_screen(form)
        await pilot.pause()
        await pilot.press("a", "enter", "n", "o", "enter")
        assert form.second.problem == "Not that."
        await pilot.press("x")
        await pilot.pause()
        assert form.second.problem == ""

    assert app.asked == []


@pytest.mark.parametrize(
    ("reply", "sentence"), [(m.Error("exists", "It exists."), "It exists."), (None, OFFLINE)]
)
async def test_a_refusal_is_shown_at_a_field_and_the_form_stays(
    reply: m.Reply | None, sentence: str
) -> None:
    app, form = Server(reply), Form()
    async with app.run_test() as pilot:
        app.push_screen(form)
        await pilot.pause()
        await pilot.press("a", "enter", "b", "enter")
        await pilot.pause()

        assert form.first.problem == sentence
        assert app.screen is form
        assert "Waiting for the server" not in screen_text(app)


async def test_a_form_says_what_it_means_and_what_follows() -> None:
    app = Server()
    async with app.run_test() as pilot:
        app.push_screen(Form())
        await until_seen(pilot, "What it means.")
        await until_seen(pilot, "What follows.")


async def test_a_form_that_destroys_offers_to_cancel_first() -> None:
    app = Server()
    async with app.run_test() as pilot:
        app.push_screen(Form(destroys=True))
        await pilot.pause()
        buttons = [(button.id, button.variant) for button in app.screen.query(Button)]

    assert buttons == [("cancel", "primary"), ("submit", "error")]


async def test_a_form_with_a_given_room_starts_at_its_password() -> None:
    app = Server()
    async with app.run_test() as pilot:
        form = JoinRoom("kitchen")
        app.push_screen(form)
        await pilot.pause()

        assert app.focused is form.query_one("#password", Field).input


class SlowServer(Server):
    """Replies once it is told to."""

    def __init__(self, *replies: m.Reply | None) -> None:
        super().__init__(*replies)
        self.may_reply = asyncio.Event()

    async def ask(self, request: m.Request) -> m.Reply | None:
        reply = await super().ask(request)
        await self.may_reply.wait()
        return reply


async def test_enter_twice_asks_once_and_the_reply_counts() -> None:
    app, form, results = SlowServer(m.Ok(re=1)), Form(), list[str | None]()
    async with app.run_test() as pilot:
        app.push_screen(form, results.append)
        await pilot.pause()
        await pilot.press("a", "enter", "b", "enter", "enter", "x", "enter")
        assert len(app.asked) == 1
        app.may_reply.set()
        await pilot.pause()
        await pilot.pause()

    assert results == ["granted"]


async def test_after_a_refusal_enter_asks_again() -> None:
    app, form = Server(m.Error("exists", "It exists."), m.Ok(re=1)), Form()
    async with app.run_test() as pilot:
        app.push_screen(form)
        await pilot.pause()
        await pilot.press("a", "enter", "b", "enter")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()

    assert len(app.asked) == 2


async def test_a_form_that_waits_for_the_server_is_closed_by_escape_twice_only() -> None:
    app, form, results = SlowServer(m.Ok(re=1)), Form(), list[str | None]()
    async with app.run_test() as pilot:
        app.push_screen(form, results.append)
        await pilot.pause()
        await pilot.press("a", "enter", "b")
        form.submit()
        form.action_close()  # in the same burst of keys, before anything is sent
        await pilot.pause()
        assert results == []
        await pilot.press("escape")
        await until_seen(pilot, "The server has not answered yet.")
        assert results == []
        await pilot.press("escape")
        await pilot.pause()

    assert results == [None]


async def test_no_form_shows_a_password() -> None:
    async with client(FakeServer()) as running:
        for name, dialog in DIALOGS.items():
            await show_dialog(running, dialog())
            passwords = [field for field in running.app.screen.query(Field) if _is_password(field)]
            for field in passwords:
                field.value = "hunter22"
            await running.settle()

            assert "hunter22" not in running.text(), name
            assert running.text().count("•" * len("hunter22")) == len(passwords), name


def _is_password(field: Field) -> bool:
    return "password" in str(field.query_one(".label", Label).content).lower()
