"""What the chat screen needs of the app that holds it."""

from typing import Protocol

from chat_shared import messages as m


class Server(Protocol):
    """Sends requests. Does not show anything."""

    async def ask(self, request: m.Request) -> m.Reply | None:
        """Return the reply; None if the connection was lost before it came."""
        ...
