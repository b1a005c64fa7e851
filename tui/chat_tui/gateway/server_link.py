"""A connection of the front itself to the server, for what needs no client."""

import asyncio
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from chat_shared import messages as m
from chat_shared.connection import Connection, Role
from chat_shared.proxy_header import Origin, write_header

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

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()

    async def _receive(self) -> m.Message:
        assert self._streams is not None
        while (message := self._protocol.next_message()) is None:
            data = await self._streams[0].read(_READ)
            if not data:
                raise ConnectionError("The server has closed the connection.")
            self._protocol.receive(data)
        return message
