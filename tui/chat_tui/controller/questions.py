"""Requests whose reply somebody awaits."""

import asyncio
from collections.abc import Callable

from chat_shared import messages as m


class Questions:
    """By identity, and so kept alive: equal requests are different questions."""

    def __init__(self, send: Callable[[m.Request], bool]) -> None:
        """`send` returns whether that was possible."""
        self._send = send
        self._awaited: dict[int, tuple[m.Request, asyncio.Future[m.Reply | None]]] = {}

    async def ask(self, request: m.Request) -> m.Reply | None:
        """Send `request` and return its reply.

        Returns None if the request could not be sent, or the connection was lost before the reply
        came.
        """
        reply: asyncio.Future[m.Reply | None] = asyncio.get_running_loop().create_future()
        self._awaited[id(request)] = request, reply
        if not self._send(request):
            self.answer(request, None)
        return await reply

    def answer(self, request: m.Request, reply: m.Reply | None) -> bool:
        """Give a reply to the one who asked; return whether anybody has."""
        _, future = self._awaited.pop(id(request), (None, None))
        if future is not None and not future.done():  # it is done if nobody waits any more
            future.set_result(reply)
        return future is not None
