"""An app whose server replies when the test says so: a slow connection."""

import asyncio

from textual.app import App

from chat_shared import messages as m


class AskedServer(App[None]):
    """Shows dialogs, and keeps what they ask with the replies that they wait for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[m.Request, asyncio.Future[m.Reply | None]]] = []

    async def ask(self, request: m.Request) -> m.Reply | None:
        reply: asyncio.Future[m.Reply | None] = asyncio.get_running_loop().create_future()
        self.asked.append((request, reply))
        return await reply

    @property
    def waiting(self) -> list[m.Request]:
        """The requests without a reply; those that a dialog gave up are not among them."""
        return [request for request, reply in self.asked if not reply.done()]

    def reply(self, reply: m.Reply | None) -> None:
        """Reply to the only request that waits."""
        (future,) = (future for _, future in self.asked if not future.done())
        future.set_result(reply)
