"""The long-running parts of a server: one that fails is logged and started again.

It does not know what they do. What a part had in hand when it failed is its own to settle.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Final

import structlog
import trio

from chat_server.errors import ServerFailedError

log = structlog.get_logger()

# Seconds from a failure to the next start, doubled by each further one: short, as a failure
# is mostly one unlucky request, and at last so long that the log stays readable.
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0


class PartFailedError(Exception):
    """A part failed in a way that it knows, and has logged itself; raised from the reason."""


@dataclass(slots=True)
class Part:
    """A part, as operators see it."""

    name: str
    running: bool = True
    failures: int = 0  # since the server started
    error: str = ""  # the type of the last one: its message may quote a member


class Parts:
    """All parts of a server, each run by a task of its own."""

    def __init__(self) -> None:
        self._parts: dict[str, Part] = {}
        self._closing: Final = trio.Event()

    def __iter__(self) -> Iterator[Part]:
        return iter(self._parts.values())

    def close(self) -> None:
        """Start failed parts without a pause, and each only once more: they are to end."""
        self._closing.set()

    async def run(
        self, name: str, run: Callable[[], Awaitable[None]], first_pause: float = FIRST_PAUSE
    ) -> None:
        """Run a part until it ends by itself; start it again whenever it fails.

        Raises ServerFailedError, from a part without which the server cannot go on.
        """
        part = self._parts[name] = Part(name)
        pause = first_pause
        while True:
            began, last = trio.current_time(), self._closing.is_set()
            try:
                await run()
            except ServerFailedError:
                raise
            except Exception as exc:
                _record(part, exc)
            else:
                return
            if last:
                return
            if trio.current_time() - began > LONGEST_PAUSE:
                pause = first_pause
            with trio.move_on_after(pause):
                await self._closing.wait()
            pause = min(2 * pause, LONGEST_PAUSE)
            part.running = True


def _record(part: Part, exc: Exception) -> None:
    part.running = False
    part.failures += 1
    known = isinstance(exc, PartFailedError)
    part.error = type(exc.__cause__ if known else exc).__name__
    if not known:
        log.exception("part failed", part=part.name)
