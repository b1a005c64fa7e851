"""A client, real or fake, with what it told and the means to disturb it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, TypeVar

from chat_shared import messages as m
from chat_tui.controller.controller import AnyClient
from chat_tui.model.address import Address
from chat_tui.model.outbox import Outbox
from chat_tui.model.resuming import Known
from chat_tui.net.client import Client
from chat_tui.net.events import Answer, ClientEvent, LoggedIn, LogIn, LogInFailed, Received
from chat_tui.net.timeouts import Timeouts
from support.fake_client import FakeClient
from support.fake_server import FakeServer
from support.tui_server import TinyServer, tiny_server

LOGIN: Final = m.Login(id=1, name="ada", password="correct horse")
T = TypeVar("T")
QUICK: Final = Timeouts(first_pause=0.01, longest_pause=0.02, post_again=0.01, first_ping=60)


@dataclass
class Bench:
    """A client, what it told, and the means to disturb it."""

    fake: FakeServer
    client: AnyClient
    outbox: Outbox
    reported: list[ClientEvent]
    address: Address
    cut: Callable[[], None]
    reconnect: Callable[[], None]
    wait_is_over: Callable[[], None]
    seen: dict[str, Known] = field(default_factory=dict)
    task: asyncio.Task[None] | None = None

    async def log_in(self, request: LogIn = LOGIN) -> None:
        self.task = asyncio.create_task(self.client.run(self.address, request))
        await self.until(lambda: self.kinds(LoggedIn) or self.kinds(LogInFailed))

    async def stop(self) -> None:
        """End what `log_in` began."""
        if self.task is not None:
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                await self.task

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(5):
            while not condition():  # noqa: ASYNC110 - of things that know no event
                await asyncio.sleep(0.001)

    def kinds(self, kind: type[T]) -> list[T]:
        return [message for message in self.reported if isinstance(message, kind)]

    def items(self) -> list[Answer | m.Event]:
        return [item for batch in self.kinds(Received) for item in batch.items]

    def replies(self) -> list[m.Reply | None]:
        return [item.reply for item in self.items() if isinstance(item, Answer)]

    def post(self, text: str) -> None:
        self.outbox.add("general", text)
        self.client.flush()

    def texts(self) -> list[str]:
        return [line.text for line in self.fake.rooms["general"].lines]


@asynccontextmanager
async def fake_bench() -> AsyncGenerator[Bench]:
    fake, outbox, reported = FakeServer(), Outbox(), list[ClientEvent]()
    seen: dict[str, Known] = {}
    client = FakeClient(fake, reported.append, outbox, lambda: seen)
    yield Bench(
        fake, client, outbox, reported, Address("fake"),
        cut=client.cut, reconnect=client.reconnect, wait_is_over=client.wait_is_over, seen=seen,
    )  # fmt: skip


@asynccontextmanager
async def real_bench() -> AsyncGenerator[Bench]:
    fake, outbox, reported = FakeServer(), Outbox(), list[ClientEvent]()
    seen: dict[str, Known] = {}
    async with tiny_server(fake) as server:
        client = Client(reported.append, outbox, lambda: seen, QUICK)
        bench = Bench(
            fake, client, outbox, reported, server.address,
            cut=lambda: _cut(server), reconnect=lambda: _let_in(server, client),
            wait_is_over=lambda: None, seen=seen,
        )  # fmt: skip
        yield bench
        await bench.stop()


def _cut(server: TinyServer) -> None:
    server.accepting = False
    server.cut()


def _let_in(server: TinyServer, client: AnyClient) -> None:
    server.accepting = True
    client.retry_now()
