"""A page that is connected: passes on what it sends, and what it is sent (see `page_messages`)."""

import asyncio
from collections import deque
from contextlib import suppress
from secrets import token_urlsafe
from typing import Final

import msgspec
from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from chat_tui.gateway.frames import (
    NUMBER,
    Choose,
    Chosen,
    ForPage,
    Opening,
    PassedFile,
    Prompt,
    Question,
    Size,
)
from chat_tui.gateway.places import Places
from chat_tui.gateway.relay import Relay
from chat_tui.gateway.screen_size import drawn_of
from chat_tui.gateway.web.page_files import PageFiles
from chat_tui.gateway.web.page_messages import (
    ANSWERS,
    Asked,
    Choosing,
    Download,
    End,
    Ended,
    Hello,
    Reading,
    Ticket,
    ToPage,
    read_hello,
    read_message,
)
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


async def open_session(
    socket: web.WebSocketResponse,
    transport: asyncio.Transport | None,
    address: str,
    files: PageFiles,
) -> "Session | None":
    """Read the Hello of a page; return None if there is none."""
    try:
        async with asyncio.timeout(HELLO_WITHIN):
            hello = read_hello(await socket.receive_str())
    except (TimeoutError, TypeError):  # TypeError: it is no text
        hello = None
    if hello is None:
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
        self._asked: dict[int, int] = {}  # by number: bytes that the answer may have
        self._messages = 0  # since `_counted_from`
        self._counted_from = 0.0
        self._unsent = bytearray()
        self._end: End | None = None
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
        await self._tell(Ticket(self.ticket, is_kept=self._left is not None))
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
        self._tasks.create_task(self._tell(Asked(prompt)))

    def tell_page(self, sent: ForPage) -> None:
        self._tasks.create_task(self._tell(self._message(sent)))

    def tell_kept(self, *, is_kept: bool) -> None:
        self._tasks.create_task(self._tell(Ticket(self.ticket, is_kept)))

    def _message(self, sent: ForPage) -> ToPage:
        match sent:
            case PassedFile():
                return Download(self._files.offer(self, sent))
            case Choose():
                return Choosing(sent)
            case Question():
                self._asked[sent.number] = sent.longest_answer
                return Reading(sent)

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
            self._end = End(code, sentence)

    def cut(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _opening(self) -> Opening:
        return Opening(
            address=self._address,
            via="web",
            size=drawn_of(self._hello.size),
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
            is_flood = not self._is_answer(message) and not self._is_in_time()
            if is_flood and self._transport is not None:
                self._transport.pause_reading()  # rather than read on until the page has closed
            if is_flood or not await self._take(message, relay):
                await self._socket.close(code=WSCloseCode.POLICY_VIOLATION)
                return

    def _is_answer(self, message: WSMessage) -> bool:
        """Return whether the page was asked for a message, which so has its bound already."""
        return _answered(message) in self._asked

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
            case WSMsgType.BINARY if message.data[:1] == ANSWERS:
                return self._answer(message, relay)
            case WSMsgType.BINARY:
                return self._type(message.data, relay)
            case WSMsgType.PING:
                await self._socket.pong(message.data)
            case WSMsgType.PONG:
                pass
            case WSMsgType.TEXT:
                return self._take_json(message.data, relay)
            case _:  # an error: too long, no text, or a ping that was not answered
                return False
        return True

    def _type(self, data: bytes, relay: Relay) -> bool:
        if not self._is_held:
            relay.typed(data)
            return True
        self._held.append(data)
        self._held_bytes += len(data) + _MESSAGE
        return self._held_bytes <= MAX_HELD

    def _answer(self, message: WSMessage, relay: Relay) -> bool:
        """Pass on what the client has asked for. The page may answer twice, after a cut."""
        answer = message.data[1:]
        longest = self._asked.pop(_answered(message), None)
        if longest is not None and len(answer) > NUMBER + longest:
            return False
        if longest is not None:
            relay.answered(answer)
        return True

    def _take_json(self, data: str, relay: Relay) -> bool:
        match read_message(data):
            case Size() as size:
                relay.resized(drawn_of(size))
            case Chosen() as chosen:
                relay.chosen(chosen)
            case None:
                return False
        return True

    async def _finish(self) -> None:
        """Send what is left, and how it ended."""
        if self._end is None or self._socket.closed:
            return
        async with asyncio.timeout(_LAST_WITHIN):
            await self.wait_writable()
            await self._send(Ended(self._end))
            await self._socket.close()

    async def _tell(self, message: ToPage) -> None:
        with suppress(ConnectionError):  # the page is gone
            await self._send(message)

    async def _send(self, message: ToPage) -> None:
        await self._socket.send_str(msgspec.json.encode(message).decode())


def _answered(message: WSMessage) -> int:
    """Return the number of the question that a message answers; -1 if it answers none."""
    if message.type is not WSMsgType.BINARY or message.data[:1] != ANSWERS:
        return -1
    return int.from_bytes(message.data[1 : 1 + NUMBER])
