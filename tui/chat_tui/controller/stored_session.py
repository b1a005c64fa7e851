"""Changes of the session that is stored on this computer, one after the other.

They are made in the background, in the order of their causes: keyrings ask people, and wait.
"""

import asyncio
import secrets
from collections.abc import Callable
from typing import Final

from chat_tui.storage.tokens import Tokens

_TOKEN: Final = 32  # random bytes, as many as the server's tokens have


class StoredSession:
    """What the controller of one client stores; `warn` is told what went wrong.

    But for `expect`, nothing need wait for the tasks that are returned.
    """

    def __init__(self, tokens: Tokens, warn: Callable[[str], object]) -> None:
        self._tokens = tokens
        self._warn = warn
        self._settled = ""  # the token that is known to be the session's
        self._changes: set[asyncio.Task[None]] = set()
        self._one_at_a_time = asyncio.Lock()

    def keep(self, server: str, account: str, token: str, trust: str) -> None:
        """Store a session in place of the server's other."""
        self._start(self._tokens.keep, server, account, token, trust)

    def forget(self, server: str, token: str = "") -> asyncio.Task[None]:
        """Delete the session on `server`; with a `token`, only if it is that one."""
        return self._start(self._tokens.forget, server, token)

    async def expect(self, server: str, token: str) -> str:
        """Return the session's next token, which is stored beside the present one.

        So this client can log in whatever ends it, or the connection, before the reply.
        """
        following = secrets.token_urlsafe(_TOKEN)
        await self._start(self._tokens.expect, server, token, following)
        return following

    def settle(self, server: str, token: str) -> None:
        """Store which token it is that the session goes on with, if another one was expected."""
        if token != self._settled:
            self._settled = token
            self._start(self._tokens.settle, server, token)

    def _start(self, change: Callable[..., str | None], *entry: str) -> asyncio.Task[None]:
        task = asyncio.create_task(self._make(change, *entry))
        self._changes.add(task)
        task.add_done_callback(self._changes.discard)
        return task

    async def _make(self, change: Callable[..., str | None], *entry: str) -> None:
        async with self._one_at_a_time:
            if problem := await asyncio.to_thread(change, *entry):
                self._warn(problem)
