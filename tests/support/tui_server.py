"""The server in memory on a real socket, with the real protocol."""

import asyncio
import ssl
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from chat_shared import messages as m
from chat_shared.connection import Connection, Role, State
from chat_shared.proxy_header import FIXED, Origin, length_of_rest, read_header
from chat_tui.model.address import Address
from support.fake_server import FakeServer, FakeSession


class TinyServer:
    """Serves `fake`; can cut all connections and accept no new ones."""

    def __init__(self, fake: FakeServer) -> None:
        self.fake = fake
        self.address = Address("127.0.0.1", plain=True)
        self.accepting = True
        self._writers: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Cut every connection at once and without notice, as a network does."""
        for writer in self._writers:
            writer.transport.abort()

    def send_raw(self, data: bytes) -> None:
        """Send `data` unchanged to every client."""
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
        session = self.fake.connect(send)
        try:
            await self._receive(reader, connection, session)
        except OSError:
            pass  # a test cut the connection
        finally:
            session.leave()
            self._writers.discard(writer)
            writer.close()

    async def _receive(
        self, reader: asyncio.StreamReader, connection: Connection, session: FakeSession
    ) -> None:
        while data := await reader.read(65_536):
            connection.receive(data)
            while (message := connection.next_message()) is not None:
                session.receive(message)  # type: ignore[arg-type]


@asynccontextmanager
async def tiny_server(
    fake: FakeServer,
    port: int = 0,
    context: ssl.SSLContext | None = None,
    host: str = "127.0.0.1",
) -> AsyncGenerator[TinyServer]:
    """Serve `fake` on a free port of this computer, over TLS if there is a `context`."""
    tiny = TinyServer(fake)
    server = await asyncio.start_server(tiny.serve, host, port, ssl=context)
    port = server.sockets[0].getsockname()[1]
    tiny.address = Address(host, port, plain=context is None)
    try:
        yield tiny
    finally:
        server.close()
        tiny.cut()
        await server.wait_closed()


@asynccontextmanager
async def tiny_proxied_server(fake: FakeServer, path: Path) -> AsyncGenerator[list[Origin]]:
    """Serve `fake` on a socket for proxies; yield where its connections come from."""
    tiny, origins = TinyServer(fake), list[Origin]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fixed = await reader.readexactly(FIXED)
        origins.append(read_header(fixed, await reader.readexactly(length_of_rest(fixed))))
        await tiny.serve(reader, writer)

    server = await asyncio.start_unix_server(serve, path)
    try:
        yield origins
    finally:
        server.close()
        tiny.cut()
        await server.wait_closed()


async def _main(port: int) -> None:
    fake = FakeServer()
    fake.account("linus")
    fake.room("kitchen", "k7qm-2vxh-9rtd", "linus")
    for n in range(1, 500):
        fake.post("general", "linus", f"message {n} from before you joined")
    async with tiny_server(fake, port):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
