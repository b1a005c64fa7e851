"""An app around one widget, and the messages that it posts."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TypeVar

from textual import events
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.widget import Widget

from support.tui_pilot import screen_text, until

T = TypeVar("T")


class Host(App[None]):
    """Mounts a widget and keeps every message that reaches the app."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget
        self.posted: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.widget

    async def on_event(self, event: events.Event) -> None:
        await super().on_event(event)

    async def _on_message(self, message: Message) -> None:
        if type(message).__module__ == "chat_tui.ui.messages":
            self.posted.append(message)
        await super()._on_message(message)

    def of(self, kind: type[T]) -> list[T]:
        return [message for message in self.posted if isinstance(message, kind)]

    def text(self) -> str:
        return screen_text(self)


@asynccontextmanager
async def hosting(
    widget: Widget, size: tuple[int, int] = (80, 12)
) -> AsyncGenerator[tuple[Host, Pilot[None]]]:
    host = Host(widget)
    async with host.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: widget.size.width or not widget.display)
        yield host, pilot
