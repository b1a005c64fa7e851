"""Draws a screen of limited size in a terminal of any (Textual's private API)."""

from typing import Any

from textual import events
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from chat_tui.terminal.size_limits import limited


class KioskDriver(LinuxDriver):
    """Textual's driver for people who may claim any size, by ssh or by typing a sequence."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._size = self._get_terminal_size()

    def _get_terminal_size(self) -> tuple[int, int]:
        return limited(*super()._get_terminal_size())

    def process_message(self, message: Message) -> None:
        if isinstance(message, events.Resize):
            message = events.Resize.from_dimensions(limited(*message.size), message.pixel_size)
        super().process_message(message)
