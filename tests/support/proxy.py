"""A proxy that makes a bad connection: it cuts at a byte, stalls, and trickles.

It never changes or reorders bytes.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from enum import Enum, auto
from threading import Thread
from typing import Final

from chat_tui.model.address import Address

_READ: Final = 65_536  # bytes


class Way(Enum):
    UP = auto()  # from the client to the server
    DOWN = auto()


class Proxy:
    """Forwards connections. Settings hold for the open one and for later ones."""

    def __init__(self, to: Address) -> None:
        self.address = to
        self.connections = 0  # ever opened
        self.cuts = 0  # that happened as requested
        self.trickles = False
        self._to = to
        self._left: dict[Way, int] = {}  # bytes until a cut
        self._flowing = {way: asyncio.Event() for way in Way}
        self._open: set[asyncio.Task[None]] = set()
        for way in Way:
            self.flow(way)

    def cut_after(self, way: Way, count: int) -> None:
        """Cut both ways after `count` more bytes of this way."""
        self._left = {way: count}

    def spare(self) -> None:
        """Cancel a requested cut."""
        self._left.clear()

    def stall(self, way: Way) -> None:
        """Stop forwarding this way, and keep the connection open."""
        self._flowing[way].clear()

    def flow(self, way: Way) -> None:
        """End a stall."""
        self._flowing[way].set()

    def cut(self) -> None:
        """Cut every connection now."""
        for task in self._open:
            task.cancel()

    async def wait_closed(self) -> None:
        if self._open:
            await asyncio.wait(self._open)

    def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        remote_reader, remote_writer = await asyncio.open_connection(self._to.host, self._to.port)
        up = asyncio.create_task(self._forward(Way.UP, reader, remote_writer))
        down = asyncio.create_task(self._forward(Way.DOWN, remote_reader, writer))
        try:
            await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (up, down):
                task.cancel()
            # Closing flushes what was written, so a cut is exactly at its byte.
            for end in (writer, remote_writer):
                end.close()
            for end in (writer, remote_writer):
                with suppress(OSError):
                    await end.wait_closed()

    async def _forward(
        self, way: Way, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Forward bytes until the connection closes or is due to be cut."""
        with suppress(OSError):
            while data := await reader.read(1 if self.trickles else _READ):
                await self._flowing[way].wait()
                left = self._left.get(way)
                writer.write(data[:left])
                await writer.drain()
                if left is not None and left < len(data):
                    self.spare()
                    self.cuts += 1
                    return
                if left is not None:
                    self._left[way] = left - len(data)


@asynccontextmanager
async def proxy(to: Address) -> AsyncGenerator[Proxy]:
    """Open a proxy to the server at `to`."""
    between = Proxy(to)
    server = await asyncio.start_server(between.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    between.address = Address("127.0.0.1", port, plain=to.plain)
    try:
        yield between
    finally:
        server.close()
        between.cut()
        await between.wait_closed()
        await server.wait_closed()


class Cable:
    """A proxy in a thread of its own, for a test that is not asynchronous."""

    def __init__(self, between: Proxy, loop: asyncio.AbstractEventLoop) -> None:
        self.port = between.address.port
        self._between = between
        self._loop = loop

    @property
    def cuts(self) -> int:
        return self._between.cuts

    def cut(self) -> None:
        self._loop.call_soon_threadsafe(self._between.cut)

    def cut_after(self, way: Way, count: int) -> None:
        self._loop.call_soon_threadsafe(self._between.cut_after, way, count)


@contextmanager
def cable(to: Address) -> Iterator[Cable]:
    """Open a proxy to the server at `to` in a thread."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    opened = proxy(to)
    try:
        between = asyncio.run_coroutine_threadsafe(opened.__aenter__(), loop).result()
        try:
            yield Cable(between, loop)
        finally:
            closing = opened.__aexit__(None, None, None)
            asyncio.run_coroutine_threadsafe(closing, loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
