"""The workers, as the front has them: how many there are, and who is where."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Protocol

import msgspec

from chat_shared.handover import WorkerFailed
from chat_shared.names import fold
from chat_tui.gateway.frames import KEPT_FOR, Kind, Opening, frame, read_frame
from chat_tui.gateway.spawner import END_OF_ERROR, MAX_ERROR

# People whom the fault of one process disconnects, at most.
PER_WORKER: Final = 16


class MakesWorkers(Protocol):
    """A Spawner, from another process or from this one."""

    def spawn(self) -> socket.socket: ...
    def close(self) -> None: ...


@dataclass(eq=False)
class Line:
    """A connection to a client in a worker."""

    worker: "_Worker"
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    account: str = ""
    ticket: str = ""
    is_screen: bool = True

    @property
    def unsent(self) -> int:
        """How many bytes its client has not read yet."""
        return self.writer.transport.get_write_buffer_size()

    def send(self, kind: Kind, data: bytes = b"") -> None:
        self.writer.write(frame(kind, data))

    async def drain(self) -> None:
        """Wait until its client has read nearly everything, or is gone."""
        with suppress(ConnectionError):
            await self.writer.drain()


@dataclass(eq=False)
class _Worker:
    control: socket.socket
    lines: set[Line] = field(default_factory=set)
    cut: int = 0  # lines that its end has cut
    error: bytes = b""  # what it failed with
    ended: bool = False


class Workers:
    """Opens lines to clients in workers, and knows which clients were left behind where."""

    def __init__(self, spawner: MakesWorkers) -> None:
        self._spawner = spawner
        self._workers: list[_Worker] = []
        self._by_number: dict[int, _Worker] = {}  # those whose exit code is not known yet
        self._made = 0
        # Called with what ended a client: an exception, without its message.
        self.client_failed: Callable[[str], object] = lambda _: None
        self._left: dict[str, _Worker] = {}  # by folded account
        self._by_ticket: dict[str, Line] = {}  # the last one of each page in a browser

    async def open(self, opening: Opening) -> Line:
        """Start a client for `opening`, in the worker that has the most of them and a free place.

        Raises OSError if no workers can be made any more.
        """
        while True:
            worker = self._with_place()
            with suppress(OSError):  # it ended in this moment; the next one may not
                return await self._open(worker, opening)

    async def open_left(self, opening: Opening, account: str) -> tuple[Line, bytes] | None:
        """Return a line to the client that `account` left behind, and what it draws first.

        None if there is no such client, or it has ended since.
        """
        worker = self._left.pop(fold(account), None)
        if worker is None:
            return None
        return await self._go_on(worker, msgspec.structs.replace(opening, resume=account), account)

    async def open_by_ticket(self, opening: Opening) -> tuple[Line, bytes] | None:
        """Return a line to the client that has the ticket, and what it draws first.

        It is taken from the page's earlier connection, which may not be known to be cut yet. None
        if there is no such client, or it has ended since.
        """
        last = self._by_ticket.get(opening.ticket)
        if last is None:
            return None
        again = msgspec.structs.replace(opening, by_ticket=True)
        return await self._go_on(last.worker, again, last.account)

    async def _go_on(
        self, worker: "_Worker", opening: Opening, account: str
    ) -> tuple[Line, bytes] | None:
        if worker.ended:
            return None
        try:
            line = await self._open(worker, opening)
        except OSError:
            return None
        line.account = account
        try:
            first = await read_frame(line.reader)
        except BaseException:
            self.close(line, is_left=True)
            raise
        if first is None or first.kind is not Kind.OUTPUT:
            self.close(line, is_left=False)
            return None
        return line, first.data

    def close(self, line: Line, *, is_left: bool) -> None:
        """Close a line; its client goes on for a while if it `is_left` behind."""
        if not is_left:
            line.send(Kind.QUIT)
        elif line.reader.at_eof():
            line.worker.cut += 1
        line.writer.close()
        line.worker.lines.discard(line)
        if is_left and line.account:
            if line.is_screen:
                self._left[fold(line.account)] = line.worker
            asyncio.get_running_loop().call_later(KEPT_FOR, self._forget_ticket, line)
        else:
            self._forget_ticket(line)

    def note_ended(self, number: int, code: int) -> WorkerFailed | None:
        """Return how a worker failed, counted from 0 as they were made; None if it was told to end.

        `code` is its exit code.
        """
        worker = self._by_number.pop(number, None)
        if worker is None:
            return None
        while not worker.ended:  # what it failed with may still have to be read
            self._listen(worker)
        error = worker.error.decode(errors="replace")
        return WorkerFailed(code, len(worker.lines) + worker.cut, error)

    def end(self) -> None:
        """End all workers, with their clients."""
        self._by_number.clear()
        for worker in [*self._workers]:
            for line in worker.lines:
                line.writer.close()
            self._forget(worker)
        self._spawner.close()

    async def _open(self, worker: _Worker, opening: Opening) -> Line:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(worker.control, [b"v"], [theirs.fileno()])
            except OSError:
                self._forget(worker)
                ours.close()
                raise
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        line = Line(
            worker, reader, writer, ticket=opening.ticket, is_screen=opening.view == "screen"
        )
        worker.lines.add(line)
        if line.ticket:
            self._by_ticket[line.ticket] = line
        line.send(Kind.OPEN, msgspec.json.encode(opening))
        return line

    def _forget_ticket(self, line: Line) -> None:
        """Forget where the client of a line is, unless its page has another line since."""
        if self._by_ticket.get(line.ticket) is line:
            del self._by_ticket[line.ticket]

    def _with_place(self) -> _Worker:
        free = [worker for worker in self._workers if len(worker.lines) < PER_WORKER]
        return max(free, key=lambda worker: len(worker.lines)) if free else self._new()

    def _new(self) -> _Worker:
        worker = _Worker(self._spawner.spawn())
        worker.control.setblocking(False)
        self._workers.append(worker)
        self._by_number[self._made] = worker
        self._made += 1
        asyncio.get_running_loop().add_reader(worker.control, self._listen, worker)
        return worker

    def _listen(self, worker: _Worker) -> None:
        """Read what a worker, or a client in it, fails with: nothing else is sent there."""
        try:
            received = worker.control.recv(MAX_ERROR)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        if not received:
            self._forget(worker)
            return
        *clients, worker.error = (worker.error + received).split(END_OF_ERROR)
        for error in clients:
            self.client_failed(error.decode(errors="replace"))

    def _forget(self, worker: _Worker) -> None:
        if worker in self._workers:
            asyncio.get_running_loop().remove_reader(worker.control)
            self._workers.remove(worker)
            worker.ended = True
            worker.control.close()
