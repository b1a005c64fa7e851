"""Picking a message: by keys, by the mouse, and while the room goes on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from textual.app import App, ComposeResult
from textual.events import MouseDown, MouseMove, MouseUp
from textual.message import Message
from textual.widgets import TextArea

from chat_tui.model.draft import Quote
from chat_tui.ui.log.log_model import LogModel
from chat_tui.ui.log.message_log import MessageLog
from chat_tui.ui.log.painter import CURSOR
from chat_tui.ui.log.rows import DayRow, MessageRow, NoticeRow, Row
from support.tui_log import row_of

pytestmark = pytest.mark.asyncio

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SIZE = (60, 23)  # of which the log has 20 lines


class LogApp(App[None]):
    CSS = "TextArea { height: 3; }"

    def __init__(self, *rows: Row, keys: dict[str, str] | None = None) -> None:
        super().__init__()
        self.log_widget = MessageLog(LogModel(rows), zone=UTC, keys=keys)
        self.received: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.log_widget
        yield TextArea()

    def on_mount(self) -> None:
        self.query_one(TextArea).focus()

    def on_message_log_wanted(self, message: MessageLog.Wanted) -> None:
        self.received.append(message)

    def on_message_log_link_clicked(self, message: MessageLog.LinkClicked) -> None:
        self.received.append(message)

    def on_cursor_view_picking_changed(self, message: MessageLog.PickingChanged) -> None:
        self.received.append(message)

    @property
    def picked(self) -> str:
        return self.log_widget.picked.text if self.log_widget.picked else ""

    def wishes(self) -> list[tuple[str, str]]:
        return [(m.wish, m.row.text) for m in self.received if isinstance(m, MessageLog.Wanted)]

    def marked(self) -> list[int]:
        log = self.log_widget
        return [y for y in range(20) if log.render_line(y).text.startswith(CURSOR)]


def message_row(seq: int, text: str = "") -> MessageRow:
    at = NOON + timedelta(minutes=10 * seq)
    return MessageRow(("seq", seq), f"author{seq % 7}", text or f"message {seq}", at)


def run(start: int, end: int) -> list[Row]:
    return [message_row(seq) for seq in range(start, end)]


async def test_the_last_message_in_view_is_picked_and_marked() -> None:
    app = LogApp(*run(1, 50))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.pause()
        assert app.log_widget.pick()
        await pilot.pause()

        assert app.picked == "message 49"
        assert app.marked() == [18]
        assert app.focused is app.log_widget


async def test_where_nobody_said_anything_nothing_is_picked() -> None:
    app = LogApp(NoticeRow(("notice", 1), "ada joined"))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.pause()

        assert not app.log_widget.pick()
        assert isinstance(app.focused, TextArea)


async def test_arrows_and_letters_go_from_message_to_message() -> None:
    app = LogApp(
        message_row(1),
        DayRow(NOON.date()),
        NoticeRow(("notice", 1), "x"),
        message_row(2),
        message_row(3),
    )
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.pause()
        app.log_widget.pick()
        await pilot.press("up", "k")
        assert app.picked == "message 1"
        await pilot.press("up")
        assert app.picked == "message 1"
        await pilot.press("j", "down")
        assert app.picked == "message 3"


async def test_the_view_goes_along() -> None:
    app = LogApp(*run(1, 50))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.pause()
        app.log_widget.pick()
        await pilot.press(*["up"] * 20)
        assert (app.picked, app.marked()) == ("message 29", [1])
        await pilot.press("home")
        assert (app.picked, app.marked()) == ("message 1", [0])
        await pilot.press(*["down"] * 15)
        assert (app.picked, app.marked()) == ("message 16", [18])
        await pilot.press("end")
        assert app.picked == "message 49"
        assert app.log_widget.model.follow


async def test_a_page_up_and_down_picks_what_comes_into_view() -> None:
    app = LogApp(*run(1, 50))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.pause()
        app.log_widget.pick()
        app.log_widget.page_up()
        await pilot.pause()
        assert len(app.marked()) == 1
        app.log_widget.page_down()
        await pilot.pause()
        assert app.picked == "message 49"


async def test_what_is_sent_meanwhile_does_not_take_it_out_of_view() -> None:
    app = LogApp(*run(1, 50))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.pause()
        app.log_widget.pick()
        app.log_widget.model.append(run(50, 52))
        await pilot.pause()
        assert app.log_widget.model.follow
        app.log_widget.model.append(run(52, 90))
        await pilot.pause()

        assert app.picked == "message 49"
        assert app.marked() == [0]
        assert not app.log_widget.model.follow


async def test_a_message_that_goes_leaves_the_mark_to_the_next() -> None:
    app = LogApp(*run(1, 4))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.pause()
        app.log_widget.pick(("seq", 2))
        app.log_widget.model.replace(("seq", 2), replace(message_row(2), key=("seq", 20)))
        assert app.picked == "message 2"
        app.log_widget.model.remove(("seq", 20))
        assert app.picked == "message 3"
        app.log_widget.model.start_over([])
        assert app.picked == ""


async def test_a_room_that_is_drawn_anew_keeps_what_is_picked() -> None:
    app = LogApp(*run(1, 4))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.pause()
        app.log_widget.pick(("seq", 2))
        app.log_widget.show(LogModel(run(2, 9)))
        await pilot.pause()

        assert (app.picked, app.marked()) == ("message 2", [0])


async def test_where_the_message_is_gone_nothing_is_picked() -> None:
    app = LogApp(*run(1, 4))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.pause()
        app.log_widget.pick()
        app.log_widget.show(LogModel(run(10, 19)))
        await pilot.pause()

        assert app.marked() == []
        changes = [m.picking for m in app.received if isinstance(m, MessageLog.PickingChanged)]
        assert changes == [True, False]


async def test_keys_say_what_is_wanted_of_the_picked_message() -> None:
    app = LogApp(*run(1, 4))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.pause()
        app.log_widget.pick()
        await pilot.press("y", "up", "r", "enter", "plus", "enter", "u", "escape")

        assert app.wishes() == [
            *(("copy", "message 3"), ("reply", "message 2"), ("original", "message 2")),
            *(("react", "message 2"), ("original", "message 2")),
            *(("unread", "message 2"), ("leave", "message 2")),
        ]


async def test_the_users_own_keys_do_it_as_well() -> None:
    app = LogApp(*run(1, 4), keys={"picked.copy": "c"})
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.pause()
        app.log_widget.pick()
        await pilot.press("c", "escape", "y")

        assert app.wishes() == [("copy", "message 3"), ("leave", "message 3")]


async def test_a_click_picks_and_letting_go_gives_the_keys_back() -> None:
    app = LogApp(*run(1, 4))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.pause()
        await pilot.click(MessageLog, offset=(5, row_of(app.log_widget, "message 2")))
        assert app.picked == "message 2"
        app.query_one(TextArea).focus()
        app.log_widget.let_go()
        await pilot.press("y")

        assert app.query_one(TextArea).text == "y"
        assert not app.log_widget.focusable
        assert app.marked() == []


async def test_the_end_of_dragging_picks_nothing() -> None:
    app = LogApp(*run(1, 4))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.pause()
        # As the terminal says it: the pilot's own drags end without a click.
        for kind, x, y in ((MouseDown, 3, 13), (MouseMove, 9, 16), (MouseUp, 9, 16)):
            app.post_message(kind(None, x, y, 0, 0, 1, False, False, False, x, y))
            await pilot.pause()

        assert app.screen.get_selected_text()
        assert app.picked == ""


async def test_a_click_on_a_link_opens_it_and_picks_nothing() -> None:
    app = LogApp(message_row(1, "see https://example.org/x"))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.pause()
        await pilot.click(MessageLog, offset=(10, row_of(app.log_widget, "https")))

        clicked = [m.url for m in app.received if isinstance(m, MessageLog.LinkClicked)]
        assert clicked == ["https://example.org/x"]
        assert app.picked == ""


async def test_a_click_on_what_is_answered_goes_there() -> None:
    app = LogApp(message_row(1), replace(message_row(2), quote=Quote(1, "author1", "message 1")))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.pause()
        await pilot.click(MessageLog, offset=(10, row_of(app.log_widget, "↳")))

        assert app.wishes() == [("original", "message 2")]
