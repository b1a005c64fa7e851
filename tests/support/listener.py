"""A server that only greets and listens, in TLS with a certificate as the server makes them."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from chat_shared.links import fingerprint_of
from chat_tui.model.address import Address
from chat_tui.net.connect import Transport
from support.tls import own_credentials


@dataclass
class Listener:
    """A server that greets, keeps what it hears, and knows its own fingerprint."""

    address: Address = field(default_factory=Address)
    fingerprint: str = ""
    received: bytes = b""
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello\n")
        with suppress(OSError):  # that is how a client leaves that did not like what it saw
            self.received += await reader.read()
        writer.close()
        self.done.set()


@asynccontextmanager
async def listening(
    folder: Path | None = None,
    host: str = "127.0.0.1",
    newest: ssl.TLSVersion | None = None,
    at: str = "127.0.0.1",
) -> AsyncGenerator[Listener]:
    """Serve with a certificate for `host` made in `folder`, or without TLS."""
    listener, context = Listener(), None
    if folder is not None:
        context = own_credentials(folder, host).context
        certificate = ssl.PEM_cert_to_DER_cert((folder / "tls.crt").read_text())
        listener.fingerprint = fingerprint_of(certificate)
    if context is not None and newest is not None:
        context.minimum_version = context.maximum_version = newest
    server = await asyncio.start_server(listener.serve, at, 0, ssl=context)
    listener.address = Address(at, server.sockets[0].getsockname()[1])
    async with server:
        yield listener
    if serving := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(serving)
    for _ in range(10):  # rounds of the loop, for transports whose peer went away to see that
        await asyncio.sleep(0)


async def greeting(transport: Transport) -> bytes:
    """Return what the server says first, and hang up."""
    posted = await transport.reader.readline()
    transport.writer.close()
    await transport.writer.wait_closed()
    return posted
