"""A process that runs the clients of some people, all on one event loop."""

import asyncio
import signal
import socket
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from chat_shared.names import fold
from chat_shared.tracebacks import without_messages
from chat_tui.gateway.frames import Opening, read_frame
from chat_tui.gateway.garbage import Garbage
from chat_tui.gateway.plain_seat import PlainSeat
from chat_tui.gateway.screen_seat import ScreenSeat
from chat_tui.gateway.seat import Seat
from chat_tui.gateway.spawner import END_OF_ERROR, MAX_ERROR
from chat_tui.gateway.turns import Turns
from chat_tui.terminal.textual_internals import draw_in_turn

# Clients that a worker keeps so; the one that was left first ends for one more.
MAX_LEFT: Final = 16

# Seconds for all clients to end in order when the gateway does.
END_WITHIN: Final = 3.0


class Worker:
    """Takes connections from the front of the gateway, which it passes on as file descriptors."""

    def __init__(self, server: Path) -> None:
        """`server` is the socket on which the chat server takes connections of proxies."""
        self._server = server
        self._turns = Turns()
        self._garbage = Garbage(self._turns)
        self._left: dict[str, Seat] = {}  # by folded account
        self._seats: set[Seat] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended = asyncio.Event()
        self._control: socket.socket | None = None

    async def run(self, control: socket.socket) -> None:
        """Serve until the front closes its end of `control`; then all clients end."""
        loop = asyncio.get_running_loop()
        control.setblocking(False)
        self._control = control
        loop.add_reader(control, self._take, control)
        collecting = asyncio.create_task(self._garbage.run())
        try:
            await self._ended.wait()
        finally:
            collecting.cancel()
            loop.remove_reader(control)
            await self._end_all()

    def end(self) -> None:
        """Make `run` end, and all clients with it."""
        self._ended.set()

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
        task.add_done_callback(self._note_end)

    def _note_end(self, task: asyncio.Task[None]) -> None:
        """Tell the front of a bug, which has ended one client at most."""
        self._tasks.discard(task)
        failure = None if task.cancelled() else task.exception()
        if failure is not None and self._control is not None:
            error = without_messages(failure).encode()[-MAX_ERROR:]
            with suppress(OSError):  # it has ended, or reads nothing
                self._control.send(error + END_OF_ERROR)

    async def _serve(self, sock: socket.socket) -> None:
        reader, writer = await asyncio.open_unix_connection(sock=sock)
        try:
            seat = await self._seat(reader)
            if seat is not None:
                await self._connect(seat, reader, writer)
        finally:
            writer.close()

    async def _connect(
        self, seat: Seat, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Connect a client to a person until that ends, if by a bug; then keep or end it."""
        try:
            await seat.terminal.run(reader, writer)
        finally:
            if seat in self._seats and not seat.terminal.is_connected:
                self.keep(seat)

    async def _seat(self, reader: asyncio.StreamReader) -> Seat | None:
        """Return the client that a new connection is for; None if that has ended meanwhile."""
        first = await read_frame(reader)
        if first is None:
            return None
        opening = msgspec.json.decode(first.data, type=Opening)
        if opening.by_ticket:
            seat = self._with_ticket(opening.ticket)
        elif opening.resume:
            seat = self._left.pop(fold(opening.resume), None)
        else:
            return self._open(opening)
        if seat is not None:
            seat.come_back(opening)
        return seat

    def _with_ticket(self, ticket: str) -> Seat | None:
        """Return the client with this ticket. Its connection may be cut, and not known to be."""
        for seat in self._seats:
            if seat.ticket == ticket and not seat.is_ending:
                self._left = {name: left for name, left in self._left.items() if left is not seat}
                return seat
        return None

    def _open(self, opening: Opening) -> Seat:
        seat = self._make_seat(opening)
        self._seats.add(seat)
        self._start(self._run(seat))
        return seat

    def _make_seat(self, opening: Opening) -> Seat:
        if opening.view == "screen":
            return ScreenSeat(opening, self._server, self._turns)
        return PlainSeat(opening, self._server)

    async def _run(self, seat: Seat) -> None:
        try:
            await seat.run()
        finally:
            self._seats.discard(seat)
            self._garbage.note_end()
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


def run_worker(control: socket.socket, server: Path) -> None:
    """Serve in this process until the front ends, or SIGTERM: clients save what is typed then."""

    async def run() -> None:
        worker = Worker(server)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.end)
        await worker.run(control)

    draw_in_turn()
    asyncio.run(run())
