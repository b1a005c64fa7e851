"""A running client in a test, connected to a server in memory."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from textual import events
from textual.pilot import Pilot

from chat_tui.app import ChatApp
from chat_tui.controller.controller import AnyClient
from chat_tui.model.address import Invitation
from chat_tui.model.connection_keys import NO_KEYS, ConnectionKeys
from chat_tui.model.outbox import Outbox
from chat_tui.model.premises import OWN_COMPUTER, Premises
from chat_tui.model.resuming import Seen
from chat_tui.net.events import ClientEvent
from chat_tui.storage.paths import Paths
from chat_tui.storage.settings import Settings
from chat_tui.terminal.pictures.ways import Choice
from chat_tui.ui.widgets.composer import Composer
from chat_tui.ui.widgets.field import Field
from support.fake_client import FakeClient
from support.fake_server import FakeServer
from support.tui_pilot import screen_text, until, until_gone, until_seen, write

PASSWORD = "correct horse"
WIDE = (120, 36)


@dataclass
class Client:
    """The app, its pilot, and the server that it is connected to."""

    app: ChatApp
    pilot: Pilot[None]
    fake: FakeServer
    client: FakeClient

    def text(self) -> str:
        return screen_text(self.app)

    def field(self, name: str) -> Field:
        """Return a field of the form on the screen."""
        return self.app.screen.query_one(f"#{name}", Field)

    def row(self, y: int) -> str:
        return self.text().split("\n")[y]

    async def sees(self, text: str) -> None:
        await until_seen(self.pilot, text)

    async def sees_no(self, text: str) -> None:
        await until_gone(self.pilot, text)

    async def until(self, condition: Callable[[], object]) -> None:
        await until(self.pilot, condition)

    async def settle(self) -> None:
        """Let the app do and draw what it has been told so far, without waiting for it to idle."""
        for _ in range(2):  # a handler may post a message to another widget
            await self.pilot.pause(0)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def write(self, text: str) -> None:
        await write(self.pilot, text)

    async def enter(self, text: str) -> None:
        """Paste a line, which is quicker than typing it, and send it."""
        self.paste(text)
        await self.press("enter")

    def paste(self, text: str) -> None:
        self.app.post_message(events.Paste(text))

    @property
    def composer(self) -> Composer:
        return self.app.screen.query_one(Composer)

    @property
    def typed(self) -> str:
        return self.composer.text


@asynccontextmanager
async def client(
    fake: FakeServer,
    settings: Settings | None = None,
    *,
    size: tuple[int, int] = WIDE,
    invitation: Invitation | None = None,
    path: Path | None = None,
    folder: Paths | None = None,
    premises: Premises = OWN_COMPUTER,
    connection_keys: ConnectionKeys = NO_KEYS,
    images: Choice = "none",
) -> AsyncGenerator[Client]:
    """Start the client, at the log-in form unless a session is stored in `folder`."""
    clients: list[FakeClient] = []

    def make_client(
        deliver: Callable[[ClientEvent], object],
        outbox: Outbox,
        seen: Seen,
    ) -> AnyClient:
        clients.append(FakeClient(fake, deliver, outbox, seen))
        return clients[0]

    app = ChatApp(
        settings or Settings("test.example", "ada"),
        invitation=invitation,
        path=path,
        folder=folder,
        make_client=make_client,
        premises=premises,
        connection_keys=connection_keys,
        images=images,
    )
    async with app.run_test(size=size, notifications=True) as pilot:
        running = Client(app, pilot, fake, clients[0])
        await running.until(lambda: "trialogue" in running.text() or running.client.online)
        yield running


@asynccontextmanager
async def chatting(
    fake: FakeServer,
    settings: Settings | None = None,
    *,
    size: tuple[int, int] = WIDE,
    invitation: Invitation | None = None,
    folder: Paths | None = None,
    premises: Premises = OWN_COMPUTER,
    images: Choice = "none",
) -> AsyncGenerator[Client]:
    """Start the client and log in as ada."""
    if "ada" not in fake.accounts:
        fake.account("ada")
    starting = client(
        fake,
        settings,
        size=size,
        invitation=invitation,
        folder=folder,
        premises=premises,
        images=images,
    )
    async with starting as running:
        await running.enter(PASSWORD)
        await running.until(lambda: running.app.screen.query("#composer"))
        await running.until(lambda: running.typed or "Message " in running.text())
        yield running


# A client that draws one of these unchanged crashes, is cleared, or shows reversed text.
HOSTILE = [
    "[/]",
    "[bold]b[/bold] [@click=app.quit]x",
    "\x1b[2J\x1b]52;c;eA==\x07",
    "a\u202eb\u2066c",
]


def fake_with(*rooms: str) -> FakeServer:
    fake = FakeServer()
    fake.account("ada")
    fake.account("linus")
    for room in rooms:
        fake.room(room, "k7qm", "ada", "linus")
    return fake


def posted_texts(fake: FakeServer, room: str = "general") -> list[str]:
    return [line.text for line in fake.rooms[room].lines]


async def open_room(running: Client, room: str) -> None:
    await running.press("ctrl+k")
    await running.sees("Go to a room")
    await running.enter(room)
    await running.sees(f"Message {room}")
