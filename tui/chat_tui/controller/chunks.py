"""Asks for chunks of files, a few at a time, so that a message never waits long behind them."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Final, Protocol, TypeAlias, TypeVar

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_tui.model.transfer import Window
from chat_tui.net.timeouts import Timeouts

Ask: TypeAlias = Callable[[m.Request], Awaitable[m.Reply | None]]

R = TypeVar("R")
A = TypeVar("A")
T = TypeVar("T")

_LATER: Final = {Code.TOO_FAST, Code.SHUTTING_DOWN, Code.NOT_LOGGED_IN}
_TIMEOUTS: Final = Timeouts()

NONSENSE: Final = "The server's reply makes no sense."


class Watcher(Protocol):
    """Who is told how files get on. None of these may wait."""

    def changed(self) -> None:
        """A transfer began, waits, or has ended."""

    def has_moved(self) -> None:
        """A chunk is there."""

    def settled(self, room: str) -> None:
        """A message of this room has all its files on the server, or will not have them."""


class Online:
    """Whether there is a session, and the wait for one."""

    def __init__(self, is_online: Callable[[], bool]) -> None:
        self._is_online = is_online
        self._changed = asyncio.Event()

    def note(self) -> None:
        """There is a session, perhaps again."""
        self._changed.set()

    async def wait(self) -> None:
        while not self._is_online():
            self._changed.clear()
            await self._changed.wait()


async def answers(
    ask: Callable[[R], Awaitable[A]], requests: AsyncGenerator[R], window: Window
) -> AsyncGenerator[tuple[R, A]]:
    """Yield each request with its answer, in order. As many are in flight as `window` says."""
    flying: deque[tuple[R, asyncio.Task[tuple[A, float]]]] = deque()
    async with aclosing(requests):
        try:
            while True:
                while len(flying) < window.size and (request := await anext(requests, None)):
                    flying.append((request, asyncio.create_task(_timed(ask, request))))
                if not flying:
                    return
                request, asked = flying.popleft()
                answer, seconds = await asked
                window.answered(seconds)
                yield request, answer
        finally:
            for _, asked in flying:
                asked.cancel()


def pause_after(reply: m.Reply | None) -> float | None:
    """Return the seconds after which to ask again; None if that is of no use."""
    match reply:
        case None:
            return _TIMEOUTS.post_again
        case m.Error(code=code, retry_after=seconds) if code in _LATER:
            return _TIMEOUTS.asked_for(seconds or _TIMEOUTS.post_again)
    return None


def reason(reply: m.Reply | None) -> str:
    """Return why the server does not grant what was asked for."""
    return reply.message if isinstance(reply, m.Error) else NONSENSE


async def to_the_end(function: Callable[..., T], *arguments: object) -> T:
    """Call `function` in a thread. If the caller is cancelled, that waits for it to return.

    Otherwise a file could be closed, and its number given to another one, while it is written to.
    """
    called = asyncio.ensure_future(asyncio.to_thread(function, *arguments))
    try:
        return await asyncio.shield(called)
    except asyncio.CancelledError:
        await asyncio.wait([called])
        raise


async def _timed(ask: Callable[[R], Awaitable[A]], request: R) -> tuple[A, float]:
    clock = asyncio.get_running_loop().time
    began = clock()
    return await ask(request), clock() - began
