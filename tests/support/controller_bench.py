"""A controller in a test, with a server in memory and a front end that records."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from chat_shared import messages as m
from chat_tui.controller.controller import Attempt, Controller
from chat_tui.controller.page import Page
from chat_tui.model.address import Address, Invitation
from chat_tui.model.changes import Change
from chat_tui.model.outbox import Outbox
from chat_tui.model.resuming import Seen
from chat_tui.net.events import Answer, ClientEvent, ConnectionEvent, LoggedIn
from chat_tui.storage.paths import Paths
from chat_tui.storage.tokens import Keyring
from support.fake_client import FakeClient
from support.fake_server import FakeServer

HOME = Invitation(Address("test.example"))
LOGIN = m.Login(id=1, name="ada", password="correct horse")


@dataclass
class Recorder:
    """A front end that records what it is reported."""

    changes: list[Change] = field(default_factory=list)
    items: list[Answer | m.Event] = field(default_factory=list)
    events: list[ConnectionEvent] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    page: Page | None = None

    def show_changes(
        self, changes: Sequence[Change], items: Sequence[Answer | m.Event] = ()
    ) -> None:
        self.changes += changes
        self.items += items

    def show_event(self, event: ConnectionEvent) -> None:
        self.events.append(event)

    def start(self, coroutine: Coroutine[object, object, None]) -> None:
        self.tasks.append(asyncio.create_task(coroutine))

    def warn(self, sentence: str) -> None:
        self.warnings.append(sentence)


@dataclass
class Bench:
    fake: FakeServer
    client: FakeClient
    front_end: Recorder
    controller: Controller
    task: asyncio.Task[None] | None = None

    async def log_in(self, attempt: Attempt) -> None:
        """Run this log-in in place of the one before, and wait for its outcome."""
        await self.stop()
        reported = len(self.front_end.events)
        self.task = asyncio.create_task(self.controller.run(attempt))
        while not any(isinstance(event, LoggedIn) for event in self.front_end.events[reported:]):
            if self.task.done():
                return await self.task
            await asyncio.sleep(0)
        return None

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait([self.task])


class SlowRing:
    """A keyring that waits for its user before it stores anything."""

    def __init__(self) -> None:
        self.is_asked, self.may_answer = threading.Event(), threading.Event()
        self.kept: dict[str, str] = {}

    def get_password(self, service_name: str, username: str) -> str | None:
        return self.kept.get(username)

    def set_password(self, service_name: str, username: str, password: str) -> None:
        self.is_asked.set()
        self.may_answer.wait(5)
        self.kept[username] = password

    def delete_password(self, service_name: str, username: str) -> None:
        self.kept.pop(username, None)


@asynccontextmanager
async def bench(folder: Path | None = None, ring: Keyring | None = None) -> AsyncGenerator[Bench]:
    fake, front_end, clients = FakeServer(), Recorder(), list[FakeClient]()
    fake.account("ada")
    fake.account("linus")

    def make_client(
        tell: Callable[[ClientEvent], object], outbox: Outbox, seen: Seen
    ) -> FakeClient:
        clients.append(FakeClient(fake, tell, outbox, seen))
        return clients[0]

    controller = Controller(front_end, Paths(folder, ring), make_client)
    at = Bench(fake, clients[0], front_end, controller)
    try:
        yield at
    finally:
        await at.stop()
        controller.close()
