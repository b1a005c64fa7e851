"""How the screen and its dialogs reach the server. Knows nothing of the connection."""

from typing import Protocol

from chat_shared import messages as m
from chat_tui.model.connection_keys import ConnectionKeys


class Server(Protocol):
    """What the chat screen and its dialogs need of the app."""

    connection_keys: ConnectionKeys

    async def ask(self, request: m.Request) -> m.Reply | None:
        """Return the reply, or None if the connection was lost before it came."""
        ...

    def post(self, room: str, text: str, reply: int = 0) -> None:
        """Put a message into the outbox, from where it is sent now or once reconnected."""
        ...
