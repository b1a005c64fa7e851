"""A page that is connected: what it sends, and what it is sent.

Bytes typed and bytes to show are binary messages. Everything else is JSON: a Hello first, within
HELLO_WITHIN, then a Size whenever it changes; from here the ticket, what to type next where that
is lines, where a file to save is, and how the chat ended.
"""

import asyncio
from collections import deque
from contextlib import suppress
from secrets import token_urlsafe
from typing import Annotated, Final, Literal

import msgspec
from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from chat_tui.gateway.frames import Opening, PassedFile, Prompt, Size
from chat_tui.gateway.places import Places
from chat_tui.gateway.relay import Relay
from chat_tui.gateway.screen_size import screen_size
from chat_tui.gateway.web.page_files import PageFiles
from chat_tui.gateway.workers import Line, Workers

# Seconds for a page to say what it is; it does so with its first message.
HELLO_WITHIN: Final = 10.0

# Messages of a page within so many seconds: the mouse moves with each picture of a screen. After a
# stall of the network, all come at once.
MAX_MESSAGES: Final = 3_000
MESSAGES_WITHIN: Final = 10.0

# Bytes that wait until the client reads, and those that a message takes besides: some long pastes.
MAX_HELD: Final = 1024 * 1024
_MESSAGE: Final = 64

# Seconds to take what is left to show at the end.
_LAST_WITHIN: Final = 5.0

# xterm.js, as far as programs care.
_VARIABLES: Final = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


class Hello(msgspec.Struct, frozen=True):
    """The first message of a page."""

    size: Size
    ticket: str = ""
    """What it was sent the last time."""
    seen: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Bytes to show that it has received from the client that has the ticket."""
    invite: Annotated[str, msgspec.Meta(max_length=64)] = ""
    """The invitation code in the link that was opened."""
    is_light: bool = False
    view: Literal["screen", "plain"] = "screen"


class _Ticket(msgspec.Struct, frozen=True):
    ticket: str


class _Asked(msgspec.Struct, frozen=True):
    prompt: Prompt


class _Download(msgspec.Struct, frozen=True):
    download: str
    """Where a file is, once."""


class _End(msgspec.Struct, frozen=True):
    code: int
    sentence: str


class _Ended(msgspec.Struct, frozen=True):
    end: _End


async def open_session(
    socket: web.WebSocketResponse,
    transport: asyncio.Transport | None,
    address: str,
    files: PageFiles,
) -> "Session | None":
    """Read the Hello of a page; return None if there is none."""
    try:
        async with asyncio.timeout(HELLO_WITHIN):
            hello = msgspec.json.decode(await socket.receive_str(), type=Hello)
    except (TimeoutError, TypeError, ValueError):  # msgspec's errors are ValueErrors
        await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"not the pages of this chat")
        return None
    return Session(socket, transport, address, hello, files)


class Session:
    """A page with a terminal; an Outlet of its relay."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport | None,
        address: str,
        hello: Hello,
        files: PageFiles,
    ) -> None:
        self._socket = socket
        self._transport = transport
        self._address = address
        self._hello = hello
        self._files = files
        self._left: tuple[Line, bytes] | None = None
        self._relay: Relay | None = None
        self._is_held = True
        self._held: deque[bytes] = deque()
        self._held_bytes = 0
        self._messages = 0  # since `_counted_from`
        self._counted_from = 0.0
        self._unsent = bytearray()
        self._end: _End | None = None
        self._ended = asyncio.Event()
        self._tasks = asyncio.TaskGroup()

    @property
    def ticket(self) -> str:
        return self._hello.ticket

    async def go_on(self, workers: Workers) -> None:
        """Go on with the client that has the page's ticket; without one, take a new ticket."""
        self._left = await workers.open_by_ticket(self._opening())
        if self._left is None:
            self._hello = msgspec.structs.replace(self._hello, ticket=token_urlsafe(32), seen=0)

    async def serve(self, workers: Workers, places: Places) -> None:
        """Serve until the client or the page ends it."""
        try:
            await self._serve(workers, places)
        finally:
            self._files.withdraw(self)

    async def _serve(self, workers: Workers, places: Places) -> None:
        await self._tell(_Ticket(self.ticket))
        self._relay = relay = Relay(workers, places, self._opening(), self, self._left)
        async with self._tasks as tasks:
            running = [tasks.create_task(relay.run()), tasks.create_task(self._read(relay))]
            await asyncio.wait(
                [*running, tasks.create_task(self._ended.wait())],
                return_when=asyncio.FIRST_COMPLETED,
            )
            self._ended.set()
            for task in running:
                task.cancel()
        with suppress(ConnectionError, TimeoutError):  # the page is gone
            await self._finish()

    # --- for the relay

    def write(self, data: bytes) -> None:
        self._unsent += data

    async def wait_writable(self) -> None:
        data, self._unsent = bytes(self._unsent), bytearray()
        if data:
            await self._socket.send_bytes(data)

    def ask(self, prompt: Prompt) -> None:
        self._tasks.create_task(self._tell(_Asked(prompt)))

    def save(self, file: PassedFile) -> None:
        place = self._files.offer(self, file)
        self._tasks.create_task(self._tell(_Download(place)))

    def hold_input(self, *, hold: bool) -> None:
        self._is_held = hold
        while self._held and not self._is_held and self._relay is not None:
            data = self._held.popleft()
            self._held_bytes -= len(data) + _MESSAGE
            self._relay.typed(data)

    def end(self, code: int, sentence: str = "") -> None:
        self.will_end(code, sentence)
        self._ended.set()

    def will_end(self, code: int, sentence: str) -> None:
        """Say so at the end, however it comes about: the first reason counts."""
        if self._end is None:
            self._end = _End(code, sentence)

    def cut(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _opening(self) -> Opening:
        return Opening(
            address=self._address,
            via="web",
            size=screen_size(self._hello.size.columns, self._hello.size.lines),
            variables=_VARIABLES,
            view=self._hello.view,
            has_terminal=self._hello.view == "screen",
            ticket=self.ticket,
            seen=self._hello.seen,
            invite=self._hello.invite,
            is_light=self._hello.is_light,
        )

    async def _read(self, relay: Relay) -> None:
        """Pass on what the page sends, until it is gone or sends what no page of ours does."""
        async for message in self._socket:
            is_flood = not self._is_in_time()
            if is_flood and self._transport is not None:
                self._transport.pause_reading()  # rather than read on until the page has closed
            if is_flood or not await self._take(message, relay):
                await self._socket.close(code=WSCloseCode.POLICY_VIOLATION)
                return

    def _is_in_time(self) -> bool:
        """Count a message; return whether a page may send as many.

        Nobody else has a turn while messages are taken that have been received at once.
        """
        now = asyncio.get_running_loop().time()
        if now - self._counted_from > MESSAGES_WITHIN:
            self._counted_from, self._messages = now, 0
        self._messages += 1
        return self._messages <= MAX_MESSAGES

    async def _take(self, message: WSMessage, relay: Relay) -> bool:
        """Pass on a message; return whether it is one that pages send."""
        match message.type:
            case WSMsgType.BINARY:
                return self._type(message.data, relay)
            case WSMsgType.PING:
                await self._socket.pong(message.data)
            case WSMsgType.PONG:
                pass
            case _:
                return self._resize(message.data, relay)
        return True

    def _type(self, data: bytes, relay: Relay) -> bool:
        if not self._is_held:
            relay.typed(data)
            return True
        self._held.append(data)
        self._held_bytes += len(data) + _MESSAGE
        return self._held_bytes <= MAX_HELD

    def _resize(self, data: str, relay: Relay) -> bool:
        try:
            size = msgspec.json.decode(data, type=Size)
        except (TypeError, ValueError):
            return False
        relay.resized(screen_size(size.columns, size.lines))
        return True

    async def _finish(self) -> None:
        """Send what is left, and how it ended."""
        if self._end is None or self._socket.closed:
            return
        async with asyncio.timeout(_LAST_WITHIN):
            await self.wait_writable()
            await self._send(_Ended(self._end))
            await self._socket.close()

    async def _tell(self, message: msgspec.Struct) -> None:
        with suppress(ConnectionError):  # the page is gone
            await self._send(message)

    async def _send(self, message: msgspec.Struct) -> None:
        await self._socket.send_str(msgspec.json.encode(message).decode())
