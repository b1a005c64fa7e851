"""A scripted console for the plain client: input is queued, output is collected."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from chat_tui.controller.page import Page
from chat_tui.model.address import Invitation
from chat_tui.model.connection_keys import NO_KEYS, ConnectionKeys
from chat_tui.model.premises import OWN_COMPUTER, Premises
from chat_tui.plain.chat import PlainChat
from chat_tui.plain.console import Interrupted, OutputFailed
from chat_tui.storage.paths import Paths
from chat_tui.storage.settings import Settings
from support.fake_server import FakeServer
from support.tui_server import TinyServer, tiny_server

PATIENCE = 5.0  # seconds

CTRL_C = "\x03"


@dataclass
class Console:
    """Reads the lines given to `type`, until `leave` ends the input."""

    written: list[str] = field(default_factory=list)
    prompts: list[tuple[str, bool]] = field(
        default_factory=list
    )  # and whether the input was secret
    full: bool = False  # nothing more can be written
    shows_typed: bool = False  # as a terminal does
    has_person: bool = True

    def __post_init__(self) -> None:
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._changed = asyncio.Event()

    def type(self, *lines: str) -> None:
        for line in lines:
            self._lines.put_nowait(line)

    @property
    def left(self) -> int:
        """How many lines have not been read."""
        return self._lines.qsize()

    def leave(self) -> None:
        self._lines.put_nowait(None)

    async def read(self, prompt: str, *, secret: bool = False, question: bool = True) -> str | None:
        self.prompts.append((prompt, secret))
        self._changed.set()
        line = await self._lines.get()
        if line == CTRL_C:
            raise Interrupted
        return line

    def write(self, text: str) -> None:
        if self.full:
            raise OutputFailed("No space left on device.")
        self.written.append(text)
        self._changed.set()

    @property
    def text(self) -> str:
        return "\n".join(self.written)

    async def until(self, text: str) -> None:
        """Wait until `text` has been written."""
        async with asyncio.timeout(PATIENCE):
            while text not in self.text:
                self._changed.clear()
                await self._changed.wait()

    async def asked(self, prompt: str) -> None:
        """Wait until `prompt` is shown."""
        async with asyncio.timeout(PATIENCE):
            while not self.prompts or self.prompts[-1][0] != prompt:
                self._changed.clear()
                await self._changed.wait()


@dataclass
class Seat:
    """A plain client at its console."""

    console: Console
    server: TinyServer
    task: asyncio.Task[int]
    chat: PlainChat

    @property
    def fake(self) -> FakeServer:
        return self.server.fake

    async def end(self) -> int:
        """End the input; return the exit code."""
        self.console.leave()
        async with asyncio.timeout(PATIENCE):
            return await self.task


@asynccontextmanager
async def seat(
    fake: FakeServer,
    name: str = "ada",
    *typed: str,
    at_terminal: bool = False,
    connection_keys: ConnectionKeys = NO_KEYS,
    premises: Premises = OWN_COMPUTER,
    page: Page | None = None,
) -> AsyncGenerator[Seat]:
    """Yield `name` at a console, who has typed the password and then `typed`."""
    console = Console(shows_typed=at_terminal)
    async with tiny_server(fake) as server:
        settings = Settings(name=name)
        chat = PlainChat(
            console, settings, Paths(), connection_keys=connection_keys, premises=premises
        )
        chat.page = page
        console.type(*([] if connection_keys.logs_in else ["correct horse"]), *typed)
        task = asyncio.create_task(chat.run(Invitation(server.address)))
        try:
            yield Seat(console, server, task, chat)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
