"""A process that runs the clients of some people: one app for each, all on one event loop."""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from chat_shared.names import fold
from chat_shared.proxy_header import Origin, write_header
from chat_tui.app import ChatApp
from chat_tui.gateway.driver import TerminalDriver
from chat_tui.gateway.frames import Kind, Opening, Size, read_frame
from chat_tui.gateway.garbage import collect_seldom, run_collections
from chat_tui.gateway.terminal import Terminal
from chat_tui.gateway.turns import Turns
from chat_tui.model.address import Address, Invitation
from chat_tui.model.premises import KIOSK
from chat_tui.net.client import Client
from chat_tui.storage.settings import Settings
from chat_tui.terminal.textual_internals import (
    draw_in_turn,
    share_standard_streams,
    terminal_variables,
)

# Seconds for which a client is kept whose person was cut off.
KEPT_FOR: Final = 600.0

# Clients that a worker keeps so; the one that was left first ends for one more.
MAX_LEFT: Final = 16

# Seconds for all clients to end in order when the gateway does.
END_WITHIN: Final = 3.0


class Seat:
    """A client, and the terminal that it draws in; the person may be away for a while."""

    def __init__(self, opening: Opening, server: Path, turns: Turns) -> None:
        """Make the client; its screen is drawn in `turns` with those of others."""
        self.terminal: Final = Terminal(opening.size)
        self.account = ""
        self._app = _make_app(opening, server, self._entered)
        self._app.driver_class = partial(  # type: ignore[assignment]
            TerminalDriver, self.terminal, partial(turns.press, self)
        )
        self._app.drawing_turn = partial(turns.turn, self)
        self._leaving: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        """Run the client until it ends, by the person's word or because they stay away."""
        await self._app.run_async()
        self.terminal.end(self._app.return_code or 0)

    def leave(self) -> None:
        """The person is gone: wait for them if they were logged in."""
        if self.account:
            self._leaving = asyncio.get_running_loop().call_later(KEPT_FOR, self.end)
        else:
            self.end()

    def come_back(self, size: Size) -> None:
        """The person is here again, with a terminal of this size."""
        self.terminal.size = size
        if self._leaving is not None:
            self._leaving.cancel()

    def end(self) -> None:
        self._app.exit()

    def _entered(self, account: str) -> None:
        self.account = account
        self.terminal.send(Kind.LOGGED_IN, account.encode())


class Worker:
    """Takes connections from the front of the gateway, which it passes on as file descriptors."""

    def __init__(self, server: Path) -> None:
        """`server` is the socket on which the chat server takes connections of proxies."""
        self._server = server
        self._turns = Turns()
        self._left: dict[str, Seat] = {}  # by folded account
        self._seats: set[Seat] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended = asyncio.Event()

    async def run(self, control: socket.socket) -> None:
        """Serve until the front closes its end of `control`; then all clients end."""
        loop = asyncio.get_running_loop()
        control.setblocking(False)
        loop.add_reader(control, self._take, control)
        collecting = asyncio.create_task(run_collections(self._turns))
        try:
            await self._ended.wait()
        finally:
            collecting.cancel()
            loop.remove_reader(control)
            await self._end_all()

    async def _end_all(self) -> None:
        """End all clients in order; one that does not is left to the end of the process."""
        for seat in self._seats:
            seat.end()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=END_WITHIN)

    def _take(self, control: socket.socket) -> None:
        """Take one connection from the front."""
        with suppress(BlockingIOError):
            data, descriptors, _, _ = socket.recv_fds(control, 1, 1)
            if not data:
                self._ended.set()
            for descriptor in descriptors:
                self._start(self._serve(socket.socket(fileno=descriptor)))

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, sock: socket.socket) -> None:
        reader, writer = await asyncio.open_unix_connection(sock=sock)
        try:
            seat = await self._seat(reader)
            if seat is not None:
                await seat.terminal.run(reader, writer)
                if seat in self._seats and not seat.terminal.is_connected:
                    self.keep(seat)
        finally:
            writer.close()

    async def _seat(self, reader: asyncio.StreamReader) -> Seat | None:
        """Return the client that a new connection is for; None if that has ended meanwhile."""
        first = await read_frame(reader)
        if first is None:
            return None
        opening = msgspec.json.decode(first.data, type=Opening)
        if not opening.resume:
            return self._open(opening)
        seat = self._left.pop(fold(opening.resume), None)
        if seat is not None:
            seat.come_back(opening.size)
        return seat

    def _open(self, opening: Opening) -> Seat:
        seat = Seat(opening, self._server, self._turns)
        self._seats.add(seat)
        self._start(self._run(seat))
        return seat

    async def _run(self, seat: Seat) -> None:
        try:
            await seat.run()
        finally:
            self._seats.discard(seat)
            if self._left.get(fold(seat.account)) is seat:
                del self._left[fold(seat.account)]

    def keep(self, seat: Seat) -> None:
        """Keep the client of a person who was cut off, one for each account."""
        seat.leave()
        if seat.account:
            earlier = self._left.pop(fold(seat.account), None)
            self._left[fold(seat.account)] = seat
            if earlier is None and len(self._left) > MAX_LEFT:
                earlier = self._left.pop(next(iter(self._left)))
            if earlier is not None:
                earlier.end()


def _make_app(opening: Opening, server: Path, entered: Callable[[str], None]) -> ChatApp:
    header = write_header(Origin(opening.address, opening.via))
    with terminal_variables(opening.variables):
        app = ChatApp(
            Settings(name=opening.name),
            invitation=Invitation(Address(path=str(server)), room=opening.room),
            premises=KIOSK,
            make_client=partial(Client, header=header, device=opening.via),
            entered=entered,
        )
    share_standard_streams(app)
    return app


def run_worker(control: socket.socket, server: Path) -> None:
    """Serve in this process until the front ends."""
    collect_seldom()
    draw_in_turn()

    asyncio.run(Worker(server).run(control))
