"""A message log in an app of its own, over a composer that has the focus."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime, timedelta

from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import TextArea

from chat_tui.ui.log.log_model import LogModel
from chat_tui.ui.log.message_log import MessageLog
from chat_tui.ui.log.rows import DayRow, MessageRow, Row

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TODAY = DayRow(date(2026, 11, 22))
WIDTH, HEIGHT = 60, 20


class LogApp(App[None]):
    """A log over a composer that has the focus."""

    CSS = "TextArea { height: 3; }"

    def __init__(self, model: LogModel | None = None) -> None:
        super().__init__()
        self.log_widget = MessageLog(model, zone=UTC)
        self.received: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.log_widget
        yield TextArea()

    def on_message_log_older_wanted(self, message: MessageLog.OlderWanted) -> None:
        self.received.append(message)

    def on_message_log_newer_wanted(self, message: MessageLog.NewerWanted) -> None:
        self.received.append(message)

    def on_message_log_gap_seen(self, message: MessageLog.GapSeen) -> None:
        self.received.append(message)

    def on_message_log_follow_changed(self, message: MessageLog.FollowChanged) -> None:
        self.received.append(message)

    def count(self, kind: type[Message]) -> int:
        return sum(isinstance(message, kind) for message in self.received)

    def follow_changes(self) -> list[tuple[bool, int]]:
        changes = [m for m in self.received if isinstance(m, MessageLog.FollowChanged)]
        return [(change.following, change.new_below) for change in changes]


def message_row(seq: int, text: str | None = None, author: str | None = None) -> MessageRow:
    return MessageRow(
        ("seq", seq),
        author or f"author{seq % 7}",
        f"message {seq}" if text is None else text,
        NOON + timedelta(minutes=seq % 600),
    )


def run(start: int, end: int) -> list[Row]:
    return [message_row(seq) for seq in range(start, end)]


def screen(log: MessageLog) -> list[str]:
    return [strip.text.rstrip() for strip in log.render_lines(log.size.region)]


def row_of(log: MessageLog, text: str) -> int:
    """Return the row of the widget that shows `text`."""
    return next(y for y, row in enumerate(screen(log)) if text in row)


def started(app: LogApp) -> AbstractAsyncContextManager[Pilot[None]]:
    return app.run_test(size=(WIDTH, HEIGHT + 3), notifications=True)


async def scroll_up(pilot: Pilot[None], pages: int) -> None:
    await pilot.pause()
    for _ in range(pages):
        pilot.app.query_one(MessageLog).page_up()
        await pilot.pause()
