"""The real client on a real socket, and what it reports."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final, TypeVar

from chat_shared import messages as m
from chat_tui.model.address import Address
from chat_tui.model.outbox import Outbox
from chat_tui.net.client import Client
from chat_tui.net.events import Answer, ClientEvent, LoggedIn, Received
from chat_tui.net.timeouts import Timeouts
from support.fake_server import FakeServer
from support.tui_server import TinyServer, tiny_server

T = TypeVar("T")
LOGIN: Final = m.Login(id=1, name="ada", password="correct horse")


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - of things that know no event
            await asyncio.sleep(0.001)


class Reports:
    """Keeps what a client reports, and waits for it."""

    def __init__(self) -> None:
        self.reported: list[ClientEvent] = []

    def of(self, kind: type[T]) -> list[T]:
        return [message for message in self.reported if isinstance(message, kind)]

    def posted(self) -> list[m.Posted]:
        items = (item for batch in self.of(Received) for item in batch.items)
        return [item for item in items if isinstance(item, m.Posted)]

    def replies(self) -> list[m.Reply | None]:
        items = (item for batch in self.of(Received) for item in batch.items)
        return [item.reply for item in items if isinstance(item, Answer)]

    async def wait_for(self, kind: type[T], count: int = 1) -> T:
        await until(lambda: len(self.of(kind)) >= count)
        return self.of(kind)[count - 1]


@asynccontextmanager
async def running(client: Client, address: Address) -> AsyncGenerator[asyncio.Task[None]]:
    task = asyncio.create_task(client.run(address, LOGIN))
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def fake_and_client(
    timeouts: Timeouts,
) -> AsyncGenerator[tuple[TinyServer, Client, Reports, Outbox]]:
    fake, reports, outbox = FakeServer(), Reports(), Outbox()
    fake.account("ada")
    async with tiny_server(fake) as server:
        client = Client(reports.reported.append, outbox, dict, timeouts)
        async with running(client, server.address):
            await reports.wait_for(LoggedIn)
            yield server, client, reports, outbox
