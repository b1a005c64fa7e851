"""A connection of the front itself to the server, for what needs no client."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

from msgspec.structs import replace

from chat_shared import messages as m
from chat_shared.connection import Connection, Role
from chat_shared.limits import PING_INTERVAL
from chat_shared.proxy_header import Origin, write_header

T = TypeVar("T")

_READ: Final = 64 * 1024  # bytes


class ServerLink:
    """One connection, on behalf of someone elsewhere, for one request after the other."""

    def __init__(self, server: Path, origin: Origin) -> None:
        """Ask the server at the socket `server`."""
        self._server = server
        self._header = write_header(origin)
        self._protocol = Connection(Role.CLIENT)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._number = 0
        self._asking = asyncio.Lock()

    async def open(self) -> m.Hello:
        """Connect; return how the server greets. Raises OSError, also if it does not greet."""
        self._streams = await asyncio.open_unix_connection(self._server)
        self._streams[1].write(self._header)
        hello = await self._receive()
        if not isinstance(hello, m.Hello):
            raise ConnectionError("The server does not greet.")
        return hello

    async def ask(self, request: m.Request) -> m.Reply:
        """Send `request`, whose id does not matter, and return its reply.

        Raises OSError once the connection has ended, and ChatError.
        """
        async with self._asking:
            return await self._ask(request)

    async def keep_open(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what `work` returns; the server waits for that, however seldom it asks.

        Raises OSError once the connection has ended, and ChatError. Then `work` is cancelled.
        """
        tasks = [asyncio.ensure_future(work), asyncio.ensure_future(self._ping())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return done.pop().result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()

    async def _ask(self, request: m.Request) -> m.Reply:
        assert self._streams is not None
        self._number += 1
        numbered = replace(request, id=self._number)
        self._streams[1].write(self._protocol.send(numbered))
        await self._streams[1].drain()
        # An earlier request may have been given up before its reply.
        while not isinstance(reply := await self._receive(), m.Reply) or reply.re != numbered.id:
            if isinstance(reply, m.Bye):
                raise ConnectionError(reply.reason)
        return reply

    async def _ping(self) -> NoReturn:
        while True:
            await asyncio.sleep(PING_INTERVAL)
            await self.ask(m.Ping(id=m.UNNUMBERED))

    async def _receive(self) -> m.Message:
        assert self._streams is not None
        while (message := self._protocol.next_message()) is None:
            data = await self._streams[0].read(_READ)
            if not data:
                raise ConnectionError("The server has closed the connection.")
            self._protocol.receive(data)
        return message
