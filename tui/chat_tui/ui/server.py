"""How the screen and its dialogs reach the server. Knows nothing of the connection."""

from typing import Protocol

from chat_shared import messages as m
from chat_tui.controller.page import Page
from chat_tui.controller.transfers import Transfers
from chat_tui.model.connection_keys import ConnectionKeys
from chat_tui.model.outbox import FileToSend
from chat_tui.terminal.pictures.drawer import Drawer


class Server(Protocol):
    """What the chat screen and its dialogs need of the app."""

    connection_keys: ConnectionKeys
    drawer: Drawer
    page: Page | None

    @property
    def transfers(self) -> Transfers:
        """Files on their way."""
        ...

    async def ask(self, request: m.Request) -> m.Reply | None:
        """Return the reply, or None if the connection was lost before it came."""
        ...

    def post(
        self, room: str, text: str, reply: int = 0, files: tuple[FileToSend, ...] = ()
    ) -> None:
        """Put a message into the outbox, from where it is sent now or once reconnected."""
        ...
