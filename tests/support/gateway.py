"""The gateway's parts in this process: its workers run on the loop of the test."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from chat_tui.gateway.frames import ForPage, Opening, Prompt, Size, read_frame
from chat_tui.gateway.screen_seat import ScreenSeat
from chat_tui.gateway.worker import Worker
from chat_tui.gateway.workers import Workers

OPENING = Opening(address="192.0.2.1", via="ssh", size=Size(80, 24), variables={"TERM": "xterm"})


class InProcess:
    """Makes workers as the spawner does, but in this process."""

    def __init__(self, server: Path) -> None:
        self._server = server
        self.next_is_dead = False
        self.workers: list[asyncio.Task[None]] = []
        self.running: list[Worker] = []
        self.controls: list[socket.socket] = []

    def spawn(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        if self.next_is_dead:
            self.next_is_dead = False
            theirs.close()
            return ours
        self.controls.append(theirs)
        self.running.append(Worker(self._server))
        self.workers.append(asyncio.create_task(self.running[-1].run(theirs)))
        return ours

    def close(self) -> None:
        pass


@asynccontextmanager
async def workers_in(folder: Path) -> AsyncGenerator[tuple[Workers, InProcess]]:
    """Yield workers for a server in `folder`, which need not run; they end afterwards."""
    spawner = InProcess(folder / "proxy.sock")
    workers = Workers(spawner)
    try:
        yield workers, spawner
    finally:
        workers.end()
        await asyncio.gather(*spawner.workers)
        for control in spawner.controls:
            control.close()


def seat_in(spawner: InProcess) -> ScreenSeat:
    """Return the only client."""
    (seat,) = [seat for worker in spawner.running for seat in worker._seats]
    assert isinstance(seat, ScreenSeat)
    return seat


async def read_until(reader: asyncio.StreamReader, text: str) -> None:
    """Read what a client draws until it has drawn `text`."""
    drawn = b""
    while text.encode() not in drawn:
        received = await read_frame(reader)
        assert received is not None, drawn
        drawn += received.data


class Screen:
    """An outlet that keeps what it is told."""

    def __init__(self) -> None:
        self.shown = bytearray()
        self.asked: list[Prompt] = []
        self.sent: list[ForPage] = []
        self.holding: list[bool] = []
        self.ended: tuple[int, str] | None = None
        self.is_cut = self.is_kept = False
        self.readable = asyncio.Event()  # whether the person reads
        self.readable.set()
        self.changed = asyncio.Event()

    async def wait_for(self, text: str) -> None:
        """Wait until `text` has been shown, or the connection has ended."""
        while text.encode() not in self.shown and self.ended is None:
            self.changed.clear()
            await self.changed.wait()
        assert text.encode() in self.shown, self.ended

    def write(self, data: bytes) -> None:
        self.shown += data
        self.changed.set()

    async def wait_writable(self) -> None:
        await self.readable.wait()

    def ask(self, prompt: Prompt) -> None:
        self.asked.append(prompt)
        self.changed.set()

    def tell_page(self, sent: ForPage) -> None:
        self.sent.append(sent)
        self.changed.set()

    def tell_kept(self, *, is_kept: bool) -> None:
        self.is_kept = is_kept
        self.changed.set()

    def hold_input(self, *, hold: bool) -> None:
        self.holding.append(hold)
        self.changed.set()

    def end(self, code: int, sentence: str = "") -> None:
        self.ended = code, sentence
        self.changed.set()

    def cut(self) -> None:
        self.is_cut = True
        self.changed.set()
