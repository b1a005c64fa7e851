"""A person's terminal, as a worker has it: somewhere else, and connected only sometimes."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol

import msgspec

from chat_tui.gateway.frames import MAX_DATA, Exit, Frame, Kind, Size, frame, read_frame

# What a terminal is asked for, and what undoes it: the alternate screen, mouse, focus, pastes in
# brackets, no line wrap, and keys by the Kitty protocol. Then whether it draws in one go.
PREPARE: Final = (
    "\x1b[?1049h\x1b[?1000h\x1b[?1003h\x1b[?1006h\x1b[?25l\x1b[?1004h\x1b[>25u"
    "\x1b[?2004h\x1b[?7l\x1b[?2026$p"
)
RESTORE: Final = (
    "\x1b[?2004l\x1b[?7h\x1b[?1006l\x1b[?1003l\x1b[?1000l\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"
)

# The exit code of a client that fails, and what is shown, whether alone or with its worker.
FAILED: Final = 1
BROKEN: Final = "Something went wrong here. Connect again: every message that was sent is there."

# Bytes that nobody has read. More than some full screens: the reader has stopped.
MAX_UNREAD: Final = 256 * 1024


# Bytes of one picture: what else is drawn meanwhile must fit as well.
MAX_PICTURE: Final = MAX_UNREAD // 2

# Bytes of input that a client handles before it gets more: keys wait in queues without a bound.
TYPED_AT_ONCE: Final = 1024


class Display(Protocol):
    """What is shown in a terminal."""

    def typed(self, data: bytes) -> None: ...
    async def wait_handled(self) -> None:
        """Wait until what was typed has had its effect, though not for long."""

    def input_ended(self) -> None:
        """Nothing more will be typed."""

    def resized(self, size: Size) -> None: ...
    def quit(self) -> None:
        """The person is gone."""

    def attached(self) -> None:
        """Another terminal has been connected, on which nothing is drawn yet."""


class Page(Protocol):
    """The page that shows the terminal in a browser."""

    def chose(self, data: bytes) -> None:
        """The person has chosen files, which `data` names."""

    def answered(self, data: bytes) -> None:
        """The page has answered what it was asked."""

    def drawn(self) -> None:
        """The page is connected, perhaps again, and has been sent something to show."""


class Terminal:
    """Where one client draws. Output without a connection goes nowhere."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self.display: Display | None = None
        self.page: Page | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._is_drawn = False

    @property
    def is_connected(self) -> bool:
        return self._writer is not None

    @property
    def is_drawn(self) -> bool:
        """Whether something has been sent to show, by which the front knows that we are there."""
        return self.is_connected and self._is_drawn

    async def run(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Be connected to a person until one side ends the connection."""
        self.disconnect()
        self._writer, self._is_drawn = writer, False
        if self.display is not None:
            self.display.attached()
        try:
            while self._writer is writer and (received := await read_frame(reader)):
                await self._handle(received)
        finally:
            if self._writer is writer:
                self._writer = None
            writer.close()

    def write(self, data: str) -> None:
        """Show `data`. A person who has stopped reading is disconnected, and can come back."""
        encoded = data.encode(errors="replace")
        for start in range(0, len(encoded), MAX_DATA):
            self.send(Kind.OUTPUT, encoded[start : start + MAX_DATA])

    async def wait_read(self) -> None:
        """Wait until the person has read most of what was written, or is gone."""
        if self._writer is not None:
            with suppress(ConnectionError):
                await self._writer.drain()

    def send(self, kind: Kind, data: bytes) -> None:
        """Send a frame to the front, if it is connected."""
        if self._writer is None:
            return
        self._writer.write(frame(kind, data))
        if kind is Kind.OUTPUT and not self._is_drawn:
            self._is_drawn = True
            if self.page is not None:
                self.page.drawn()
        if self._writer.transport.get_write_buffer_size() > MAX_UNREAD:
            self.disconnect()

    def end(self, code: int, sentence: str = "") -> None:
        """End the connection in order, with an exit code and perhaps why."""
        self.send(Kind.EXIT, msgspec.json.encode(Exit(code, sentence)))
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def disconnect(self) -> None:
        """End the connection, without waiting for what has not been read."""
        if self._writer is not None:
            self._writer.transport.abort()
            self._writer = None

    async def _handle(self, received: Frame) -> None:
        match received.kind:
            case Kind.INPUT:
                await self._type(received.data)
            case Kind.INPUT_ENDED:
                self._show(lambda display: display.input_ended())
            case Kind.RESIZE:
                self.size = msgspec.json.decode(received.data, type=Size)
                self._show(lambda display: display.resized(self.size))
            case Kind.QUIT:
                self._show(lambda display: display.quit())
            case Kind.CHOSEN if self.page is not None:
                self.page.chose(received.data)
            case Kind.ANSWER if self.page is not None:
                self.page.answered(received.data)

    async def _type(self, data: bytes) -> None:
        """Type `data` in pieces, so that neither the other clients nor memory suffer from much."""
        for start in range(0, len(data), TYPED_AT_ONCE):
            if self.display is not None:
                self.display.typed(data[start : start + TYPED_AT_ONCE])
            if self.display is not None:
                await self.display.wait_handled()

    def _show(self, act: Callable[[Display], None]) -> None:
        if self.display is not None:
            act(self.display)
