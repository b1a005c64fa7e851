"""Textual's driver for a terminal that is somewhere else: no thread, no file, no signal."""

import asyncio
from codecs import getincrementaldecoder
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from textual import events
from textual.app import App
from textual.driver import Driver
from textual.geometry import Size as Cells
from textual.message import Message

from chat_tui.gateway.frames import Size
from chat_tui.gateway.terminal import PREPARE, RESTORE, Terminal
from chat_tui.terminal.key_parser import KeyParser
from chat_tui.terminal.sequences import PATIENCE

# Seconds after which to see whether an escape character alone was the Esc key, and whether the
# rest of a sequence never came.
_LOOKS: Final = (0.15, PATIENCE + 0.1)


# Keys that a client handles before the others in its process have their turn.
KEYS_AT_ONCE: Final = 4

# Seconds that a client may take for what was typed until it gets more.
HANDLED_WITHIN: Final = 1.0


class TerminalDriver(Driver):
    """Draws in a Terminal, and reads what is typed there."""

    def __init__(
        self,
        terminal: Terminal,
        pressed: Callable[[], None],
        attached: Callable[[], None],
        app: App[Any],
        **options: Any,
    ) -> None:
        """`pressed` is called for what is typed, before it is handled.

        `attached` is called when another terminal has been connected.
        """
        super().__init__(app, **options)
        self._terminal = terminal
        self._pressed = pressed
        self._attached = attached
        self._parser = KeyParser()
        self._decode = getincrementaldecoder("utf-8")(errors="replace").decode
        self._looks: list[asyncio.TimerHandle] = []
        self._typed: list[Message] = []  # and not handled yet
        self._unsent: list[str] = []

    # --- for Textual

    def write(self, data: str) -> None:
        """Show `data` soon, together with what else is written until then.

        Textual writes a screen in three pieces, each of which would wake the front and become a
        packet of its own.
        """
        if not self._unsent:
            asyncio.get_running_loop().call_soon(self.flush)
        self._unsent.append(data)

    def flush(self) -> None:
        if self._unsent:
            data = "".join(self._unsent)
            self._unsent.clear()
            self._terminal.write(data)

    def send_message(self, message: Message) -> None:
        self._app.post_message(message)

    def start_application_mode(self) -> None:
        self._terminal.display = self
        self.write(PREPARE)
        self.resized(self._terminal.size)

    def disable_input(self) -> None:
        self._terminal.display = None
        self._typed.clear()
        self._forget_looks()

    def stop_application_mode(self) -> None:
        self.disable_input()
        self.write(RESTORE)
        self.flush()  # before the connection ends

    # --- for the terminal

    def typed(self, data: bytes) -> None:
        self._pressed()
        self._forget_looks()
        if text := self._decode(data):  # not only a part of a character; nothing ends the input
            self._typed += filter(_is_typed, self._parser.feed(text))
        loop = asyncio.get_running_loop()
        self._looks = [loop.call_later(seconds, self._look) for seconds in _LOOKS]

    async def wait_handled(self) -> None:
        while self._typed:
            messages = self._typed[:KEYS_AT_ONCE]
            del self._typed[:KEYS_AT_ONCE]
            for message in messages:
                self.process_message(message)
            await self._wait_until_handled()

    async def _wait_until_handled(self) -> None:
        handled = asyncio.Event()

        def wait_in_focus() -> None:  # where keys are forwarded to, and wait again
            if (focused := self._app.focused) is None or not focused.call_later(handled.set):
                handled.set()

        with suppress(TimeoutError):
            async with asyncio.timeout(HANDLED_WITHIN):
                if self._app.call_later(wait_in_focus):
                    await handled.wait()

    def _forget_looks(self) -> None:
        for look in self._looks:
            look.cancel()

    def _look(self) -> None:
        for message in filter(_is_typed, self._parser.tick()):
            self.process_message(message)

    def resized(self, size: Size) -> None:
        cells = Cells(size.columns, size.lines)
        self._app.post_message(events.Resize(cells, cells))

    def input_ended(self) -> None:
        self.quit()

    def quit(self) -> None:
        self._app.exit()

    def attached(self) -> None:
        self.write(PREPARE)
        self.resized(self._terminal.size)
        self._attached()


def _is_typed(message: Message) -> bool:
    """Return whether a message is more than a size, which a person could type, of any screen.

    The connection tells the size, and the front bounds it.
    """
    return not isinstance(message, events.Resize)
