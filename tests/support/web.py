"""The gateway's web server in this process, and a page that is connected to it."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final

import aiohttp

from chat_tui.gateway.places import Places
from chat_tui.gateway.web.certificate import Certificate
from chat_tui.gateway.web.listening import WebServer
from chat_tui.gateway.workers import Workers
from support.gateway import InProcess, workers_in

# Where people would open the pages, and so their origin.
URL: Final = "https://chat.example.org/"
ORIGIN: Final = {"Origin": "https://chat.example.org"}
_SHOWN: Final = (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.PING)
HELLO: Final = {"size": {"columns": 80, "lines": 24}}


@dataclass(frozen=True)
class Page:
    """What a page has: a WebSocket."""

    socket: aiohttp.ClientWebSocketResponse

    async def hello(self, **more: Any) -> str:
        """Say what the page is; return the ticket."""
        await self.socket.send_json({**HELLO, **more})
        return str((await self.message())["ticket"])

    async def send(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            await self.socket.send_bytes(message)
        else:
            await self.socket.send_str(message)

    async def message(self) -> Any:
        """Return the next message that is not to be shown."""
        while True:
            received = await self.socket.receive()
            assert received.type in _SHOWN, received
            if received.type is aiohttp.WSMsgType.TEXT:
                return json.loads(received.data)

    async def wait_for(self, text: str) -> None:
        """Wait until `text` has been shown."""
        shown = b""
        while text.encode() not in shown:
            received = await self.socket.receive()
            assert received.type in _SHOWN, received
            shown += received.data if received.type is aiohttp.WSMsgType.BINARY else b""

    async def wait_for_close(self) -> int | None:
        """Return the code with which the server closes the connection."""
        async for _ in self.socket:
            pass
        return self.socket.close_code


@dataclass(frozen=True)
class Web:
    """A web server, and a browser's way to it."""

    port: int
    browser: aiohttp.ClientSession
    places: Places
    spawner: InProcess
    workers: Workers
    _connections: list[asyncio.StreamWriter] = field(default_factory=list)

    def at(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def page(self, *, answers_pings: bool = True, folder: str = "") -> Page:
        """Return a page that has just been opened."""
        url = self.at(f"{folder}/socket")
        return Page(await self.browser.ws_connect(url, headers=ORIGIN, autoping=answers_pings))

    async def connection(
        self, buffered: int = 0
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return a connection on which nothing has been sent; it is closed with the server.

        At most about `buffered` bytes wait in it to be read, if that is not 0.
        """
        sock = socket.socket()
        if buffered:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffered)
        sock.connect(("127.0.0.1", self.port))
        reader, writer = await asyncio.open_connection(sock=sock)
        self._connections.append(writer)
        return reader, writer

    def close(self) -> None:
        for writer in self._connections:
            writer.close()


@asynccontextmanager
async def web_in(
    folder: Path,
    *,
    name: str = "Kitchen table",
    trusted: Sequence[str] = (),
    certificate: Certificate | None = None,
    url: str = URL,
) -> AsyncGenerator[Web]:
    """Yield a web server on loopback, whose clients find no chat server."""
    async with workers_in(folder) as (workers, spawner), aiohttp.ClientSession() as browser:
        places = Places()
        networks = [ip_network(network) for network in trusted]
        server = WebServer(
            workers, places, certificate, folder / "proxy.sock",
            name=name, url=url, trusted=networks,
        )  # fmt: skip
        with socket.create_server(("127.0.0.1", 0)) as sock:
            port = sock.getsockname()[1]
            server.listen(sock, is_secure=certificate is not None)
            web = Web(port, browser, places, spawner, workers)
            try:
                yield web
            finally:
                web.close()
                await server.close()
