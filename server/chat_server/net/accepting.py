"""Accepts connections: no more at once than there are places, and whatever accepting fails with."""

import os
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, NoReturn, TypeVar

import structlog
import trio

from chat_server.logs import LineLimit

log = structlog.get_logger()

Stream = TypeVar("Stream", bound=trio.abc.AsyncResource)

# Seconds until the next attempt when the system is out of files or of memory.
RETRY: Final = 0.1

_LOG_EVERY: Final = 60.0  # seconds: an operator reads the first line, and must find it


async def serve_listeners(
    handler: Callable[[Stream], Awaitable[object]],
    listeners: Sequence[trio.abc.Listener[Any]],
    *,
    most: int,
    handler_nursery: trio.Nursery | None = None,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> NoReturn:
    """Run `handler` for each connection to `listeners`, for at most `most` at once.

    Further ones wait in the kernel's queue. Closes the listeners and, if `handler` does
    not, the streams. Unlike trio's, it survives every error of accept(2) and of `handler`.
    """
    places = trio.Semaphore(most)
    lines = LineLimit(1, _LOG_EVERY)
    async with trio.open_nursery() as nursery:
        accepting = _Accepting(handler, handler_nursery or nursery, places, lines)
        for listener in listeners:
            nursery.start_soon(accepting.run, listener)
        task_status.started()
    raise AssertionError("accepting never ends by itself")


class _Accepting:
    """What all listeners share."""

    def __init__(
        self,
        handler: Callable[[Any], Awaitable[object]],
        nursery: trio.Nursery,
        places: trio.Semaphore,
        lines: LineLimit,
    ) -> None:
        self._handler = handler
        self._nursery = nursery
        self._places = places
        self._lines = lines

    async def run(self, listener: trio.abc.Listener[Any]) -> None:
        async with listener:
            while True:
                if not self._places.value:
                    self._log("no place for further connections")
                await self._places.acquire()
                try:
                    stream = await listener.accept()
                except trio.ClosedResourceError:
                    raise
                except Exception as exc:  # of one connection, or because of too little memory
                    self._places.release()
                    self._log("connection not accepted", reason=_reason(exc))
                    await trio.sleep(RETRY)
                except BaseException:
                    self._places.release()
                    raise
                else:
                    self._nursery.start_soon(self._handle, stream)

    async def _handle(self, stream: trio.abc.AsyncResource) -> None:
        try:
            await self._handler(stream)
        except Exception:
            log.exception("connection handler crashed")
        finally:
            try:
                await trio.aclose_forcefully(stream)
            finally:
                self._places.release()

    def _log(self, event: str, **fields: str) -> None:
        more = self._lines.admit()
        if more is not None:
            log.error(event, **fields, **more)


def _reason(exc: Exception) -> str:
    known = isinstance(exc, OSError) and exc.errno is not None
    return os.strerror(exc.errno) if known else type(exc).__name__  # type: ignore[attr-defined]
