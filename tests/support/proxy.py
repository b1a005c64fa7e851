"""A bad line between a client and a server: it cuts at a byte, stalls, and trickles.

It never changes a byte and never lets one overtake another.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from enum import Enum, auto
from typing import Final

from chat_tui.model.address import Address

_READ: Final = 65_536  # bytes


class Way(Enum):
    UP = auto()  # from the client to the server
    DOWN = auto()


class Proxy:
    """What is set holds for the line that is open, and for those after it."""

    def __init__(self, to: Address) -> None:
        self.address = to
        self.lines = 0  # that were ever opened
        self.cuts = 0  # that were asked for and happened
        self.trickles = False
        self._to = to
        self._left: dict[Way, int] = {}  # bytes until a cut
        self._flowing = {way: asyncio.Event() for way in Way}
        self._open: set[asyncio.Task[None]] = set()
        for way in Way:
            self.flow(way)

    def cut_after(self, way: Way, count: int) -> None:
        """Cut both ways, without a word, in place of the byte after `count` more of this way."""
        self._left = {way: count}

    def spare(self) -> None:
        """Cut nothing any more."""
        self._left.clear()

    def stall(self, way: Way) -> None:
        """Hold back what goes this way, and keep the line open."""
        self._flowing[way].clear()

    def flow(self, way: Way) -> None:
        """End a stall."""
        self._flowing[way].set()

    def cut(self) -> None:
        """Cut every line now."""
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
        self.lines += 1
        there, back = await asyncio.open_connection(self._to.host, self._to.port)
        up = asyncio.create_task(self._carry(Way.UP, reader, back))
        down = asyncio.create_task(self._carry(Way.DOWN, there, writer))
        try:
            await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (up, down):
                task.cancel()
            # Closing sends what was written: a cut is at a byte, and not somewhere before it.
            for end in (writer, back):
                end.close()
            for end in (writer, back):
                with suppress(OSError):
                    await end.wait_closed()

    async def _carry(
        self, way: Way, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Carry bytes until there is no line any more, or until it is to be cut."""
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
    """Open a bad line to the server at `to`."""
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
