"""Another person in the chat: a client and an outbox without a screen."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress

from chat_shared import messages as m
from chat_tui.model.address import Address
from chat_tui.model.outbox import Outbox, Status
from chat_tui.net.client import Client
from chat_tui.net.events import Answer, ClientEvent, LoggedIn, LogInFailed, Received

PASSWORD = "correct horse"
_PATIENCE = 60  # seconds: a busy machine


class Talker:
    """Posts messages and waits until they are accepted."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.received: list[m.Posted] = []
        self._replies: dict[int, asyncio.Future[m.Reply | None]] = {}
        self._changed = asyncio.Event()
        self._logged_in = False
        self._outbox = Outbox()
        self._client = Client(self._receive, self._outbox, dict)

    async def log_in(self, address: Address, fingerprint: str = "") -> asyncio.Task[None]:
        request = m.Register(id=m.UNNUMBERED, name=self.name, password=PASSWORD)
        task = asyncio.create_task(self._client.run(address, request, fingerprint))
        await self._wait_until_logged_in()
        return task

    async def ask(self, request: m.Request) -> m.Reply | None:
        future: asyncio.Future[m.Reply | None] = asyncio.get_running_loop().create_future()
        self._replies[id(request)] = future
        assert self._client.send(request)
        return await future

    async def post(self, room: str, text: str) -> None:
        unsent = self._outbox.add(room, text)
        self._client.flush()
        while unsent.status is not Status.ACCEPTED:
            self._changed.clear()
            await self._changed.wait()

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until `condition` holds."""
        async with asyncio.timeout(_PATIENCE):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def _wait_until_logged_in(self) -> None:
        while not self._logged_in:
            self._changed.clear()
            await self._changed.wait()

    def _receive(self, message: ClientEvent) -> None:
        match message:
            case LoggedIn():
                self._logged_in = True
            case LogInFailed(sentence=sentence):
                raise AssertionError(sentence)
            case Received(items=items):
                for item in items:
                    self._handle(item)
        self._changed.set()

    def _handle(self, item: Answer | m.Event) -> None:
        if isinstance(item, m.Posted):
            self.received.append(item)
        if isinstance(item, Answer) and (future := self._replies.pop(id(item.request), None)):
            future.set_result(item.reply)


@asynccontextmanager
async def talkers(
    address: Address, *names: str, fingerprint: str = ""
) -> AsyncGenerator[list[Talker]]:
    """Register `names` and keep them online until the end."""
    people = [Talker(name) for name in names]
    tasks = [await person.log_in(address, fingerprint) for person in people]
    try:
        yield people
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
