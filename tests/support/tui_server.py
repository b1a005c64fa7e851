"""The house in memory behind a real socket, speaking the real protocol."""

import asyncio
import ssl
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from chat_shared import messages as m
from chat_shared.connection import Connection, Role, State
from chat_tui.model.address import Address
from support.fake_server import FakeServer, Guest


class TinyServer:
    """Serves a house; every line can be cut, and no new one let in."""

    def __init__(self, fake: FakeServer) -> None:
        self.fake = fake
        self.address = Address("127.0.0.1", plain=True)
        self.accepting = True
        self._writers: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Cut every line at once, as a network does: without a word."""
        for writer in self._writers:
            writer.transport.abort()

    def say_raw(self, data: bytes) -> None:
        """Send bytes as they are to everybody."""
        for writer in self._writers:
            writer.write(data)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.accepting:
            writer.transport.abort()
            return
        connection = Connection(Role.SERVER)

        def send(message: m.Message) -> None:
            if not writer.is_closing() and connection.state is not State.CLOSED:
                writer.write(connection.send(message))

        self._writers.add(writer)
        guest = self.fake.connect(send)
        try:
            await self._talk(reader, connection, guest)
        except OSError:
            pass  # the line was cut; that is what a test wanted
        finally:
            guest.leave()
            self._writers.discard(writer)
            writer.close()

    async def _talk(
        self, reader: asyncio.StreamReader, connection: Connection, guest: Guest
    ) -> None:
        while data := await reader.read(65_536):
            connection.receive(data)
            while (message := connection.next_message()) is not None:
                guest.hear(message)  # type: ignore[arg-type]


@asynccontextmanager
async def tiny_server(
    fake: FakeServer, port: int = 0, context: ssl.SSLContext | None = None
) -> AsyncGenerator[TinyServer]:
    """Serve `house` on a free port of this computer, in TLS if there is a `context`."""
    tiny = TinyServer(fake)
    server = await asyncio.start_server(tiny.serve, "127.0.0.1", port, ssl=context)
    port = server.sockets[0].getsockname()[1]
    tiny.address = Address("127.0.0.1", port, plain=context is None)
    try:
        yield tiny
    finally:
        server.close()
        tiny.cut()
        await server.wait_closed()


async def _main(port: int) -> None:
    fake = FakeServer()
    fake.account("linus")
    fake.room("kitchen", "k7qm-2vxh-9rtd", "linus")
    for n in range(1, 500):
        fake.say("general", "linus", f"line {n} of what was said before you came")
    async with tiny_server(fake, port):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
