"""Carries bytes between a person's connection and their client in a worker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final, Protocol

import msgspec

from chat_tui.gateway.frames import (
    MAX_DATA,
    Chosen,
    Exit,
    ForPage,
    Frame,
    Kind,
    Opening,
    Prompt,
    Size,
    read_frame,
)
from chat_tui.gateway.places import NoPlaceError, Places
from chat_tui.gateway.terminal import BROKEN, FAILED, RESTORE
from chat_tui.gateway.workers import Line, Workers

# Seconds for which a person may leave what is sent to them unread: longer than any network that
# still works stalls.
UNREAD_FOR: Final = 20.0

# Seconds for a client to draw something, on a machine that is very busy.
START_WITHIN: Final = 30.0

# Seconds until a screen is drawn in another size again: people drag the edge of a window, and each
# size takes as long as ten keys.
RESIZED_EVERY: Final = 0.1

# Seconds without a key pressed. The client itself is kept for a while after that.
IDLE_FOR: Final = 12 * 3600.0

_IDLE: Final = "You pressed no key for 12 hours. Connect again to go on."


class Outlet(Protocol):
    """A person's connection, whatever it is made of."""

    def write(self, data: bytes) -> None: ...
    async def wait_writable(self) -> None: ...
    def ask(self, prompt: Prompt) -> None:
        """Show what to type next, where there is no terminal."""

    def tell_page(self, sent: ForPage) -> None:
        """Tell the page in the person's browser what to do about files."""

    def tell_kept(self, *, is_kept: bool) -> None:
        """Tell whether a loss of the connection leaves the client behind, or ends it."""

    def hold_input(self, *, hold: bool) -> None:
        """Stop or go on calling `Relay.typed`."""

    def end(self, code: int, sentence: str = "") -> None:
        """End the connection in order, with an exit code and perhaps why."""

    def cut(self) -> None:
        """End the connection at once."""


class Relay:
    """One person, from the moment their connection is open until one side ends it."""

    def __init__(
        self,
        workers: Workers,
        places: Places,
        opening: Opening,
        outlet: Outlet,
        left: tuple[Line, bytes] | None = None,
    ) -> None:
        """Go on with the client that was `left` behind, if there is one; otherwise start one."""
        self._workers = workers
        self._places = places
        self._opening = opening
        self._outlet = outlet
        self._left = left
        self._line: Line | None = left[0] if left else None
        self._is_wanted = False  # whether the client takes what is typed
        self._early = b""
        self._has_input_ended = False
        self._holding: asyncio.Task[None] | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._resizing: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        """Serve until the client or the person ends it. Cancelled when the person is gone."""
        self._outlet.hold_input(hold=True)  # until there is a client to type into
        try:
            with self._places.terminal(self._opening.address):
                ended = await self._serve()
        except NoPlaceError as exc:
            if self._line is not None:
                self._workers.close(self._line, is_left=True)
            self._outlet.end(FAILED, str(exc))
        except (OSError, TimeoutError):  # no worker can be started
            self._outlet.end(FAILED, BROKEN)
        else:
            if ended.code != 0 and self._opening.view == "screen":
                # A client that failed may have left the terminal as it was drawing.
                self._outlet.write(RESTORE.encode())
            self._outlet.end(ended.code, ended.sentence)

    def typed(self, data: bytes) -> None:
        """The person typed `data`; they wait while the client has not read what came before."""
        if self._is_wanted:
            self._pass_on(data)
        else:
            self._early += data  # from the moment before the outlet held it

    def input_ended(self) -> None:
        """The person will type nothing more."""
        self._has_input_ended = True
        if self._is_wanted and self._line is not None:
            self._line.send(Kind.INPUT_ENDED)

    def resized(self, size: Size) -> None:
        """The person's terminal has another size."""
        self._opening = msgspec.structs.replace(self._opening, size=size)
        if self._resizing is None:
            self._send_size()

    def chosen(self, chosen: Chosen) -> None:
        """The person has chosen files, which they can do again if the client reads nothing."""
        if self._line is not None and self._line.unsent <= MAX_DATA:
            self._line.send(Kind.CHOSEN, msgspec.json.encode(chosen))

    def answered(self, data: bytes) -> None:
        """The page has answered a Question of the client."""
        if self._line is not None:
            self._line.send(Kind.ANSWER, data)

    def _send_size(self) -> None:
        """Send the newest size, and the next one after a while."""
        if self._line is not None:
            size = self._opening.size
            self._line.send(Kind.RESIZE, msgspec.json.encode(size))
            loop = asyncio.get_running_loop()
            self._resizing = loop.call_later(RESIZED_EVERY, self._look_at_size, size)

    def _look_at_size(self, sent: Size) -> None:
        self._resizing = None
        if self._opening.size != sent:
            self._send_size()

    def _want(self) -> None:
        """The client reads: pass on what was typed meanwhile, then what will be."""
        early, self._early = self._early, b""
        self._is_wanted = True
        if early:
            self._pass_on(early)
        if self._is_wanted and self._has_input_ended:
            self.input_ended()
        elif self._is_wanted and self._holding is None:
            self._outlet.hold_input(hold=False)

    def _pass_on(self, data: bytes) -> None:
        assert self._line is not None
        self._watch_idle()
        for start in range(0, len(data), MAX_DATA):
            self._line.send(Kind.INPUT, data[start : start + MAX_DATA])
        if not self._opening.has_terminal:
            self._is_wanted = False
            self._outlet.hold_input(hold=True)
        elif self._line.unsent > MAX_DATA and self._holding is None:
            self._outlet.hold_input(hold=True)
            self._holding = asyncio.create_task(self._release(self._line))

    async def _serve(self) -> Exit:
        """Return how the client ended, by itself or with its worker."""
        ended: Exit | None = None
        try:
            first = await self._start()
            self._watch_idle()
            if self._opening.has_terminal:
                self._want()
            ended = await self._carry(first)
        finally:
            for timer in filter(None, (self._idle, self._resizing)):
                timer.cancel()
            if self._line is not None:
                self._workers.close(self._line, is_left=ended is None)
        return ended or Exit(FAILED, BROKEN)

    async def _start(self) -> Frame | None:
        """Start a client in its turn; return the first that it draws. Raises TimeoutError."""
        if self._left is not None:
            return Frame(Kind.OUTPUT, self._left[1])
        async with self._places.starting(), asyncio.timeout(START_WITHIN):
            opening = self._opening
            self._line = await self._workers.open(opening)
            if self._opening.size != opening.size:  # resized meanwhile
                self._send_size()
            return await read_frame(self._line.reader)

    async def _carry(self, first: Frame | None) -> Exit | None:
        """Carry what the client draws; return how it ended, or None if its worker did."""
        async for kind, data in self._frames(first):
            match kind:
                case Kind.OUTPUT:
                    await self._write(data)
                case Kind.LOGGED_IN:
                    await self._go_on(data.decode())
                case Kind.PROMPT:
                    self._outlet.ask(msgspec.json.decode(data, type=Prompt))
                case Kind.FOR_PAGE:
                    self._outlet.tell_page(msgspec.json.decode(data, type=ForPage))
                case Kind.WANTED:
                    self._want()
                case Kind.EXIT:
                    return msgspec.json.decode(data, type=Exit)
        return None

    async def _frames(self, first: Frame | None) -> AsyncIterator[Frame]:
        """Yield the frames of the line, whichever that is by then."""
        received = first
        while received is not None and self._line is not None:
            yield received
            received = await read_frame(self._line.reader)

    async def _write(self, data: bytes) -> None:
        self._outlet.write(data)
        try:
            async with asyncio.timeout(UNREAD_FOR):
                await self._outlet.wait_writable()
        except TimeoutError:
            self._outlet.cut()

    async def _go_on(self, account: str) -> None:
        """Go on with the client that the account left behind, or with this one.

        An empty `account` has logged out.
        """
        assert self._line is not None
        self._line.account = account
        self._outlet.tell_kept(is_kept=bool(account))
        if not account or self._opening.view != "screen":
            return
        opening = self._opening
        self._is_wanted = False  # what is typed now is for the client that is shown next
        self._outlet.hold_input(hold=True)
        left: tuple[Line, bytes] | None = None
        with suppress(TimeoutError):  # a worker that does nothing must not hold the keys for ever
            async with asyncio.timeout(START_WITHIN):
                left = await self._workers.open_left(opening, account)
        if left is not None:
            self._workers.close(self._line, is_left=False)
            self._line = left[0]
            if self._opening.size != opening.size:  # resized meanwhile
                self._line.send(Kind.RESIZE, msgspec.json.encode(self._opening.size))
        self._want()
        if left is not None:
            await self._write(left[1])

    async def _release(self, line: Line) -> None:
        """Let the person type on once the client has read what they typed."""
        await line.drain()
        self._holding = None
        if self._is_wanted:
            self._outlet.hold_input(hold=False)

    def _watch_idle(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        loop = asyncio.get_running_loop()
        self._idle = loop.call_later(IDLE_FOR, self._outlet.end, FAILED, _IDLE)
