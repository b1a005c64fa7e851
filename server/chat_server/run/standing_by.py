"""Runs a server whose store is in PostgreSQL: it stands by, and serves when it leads.

When the connection to the database is lost, everything that stood on it ends, sessions without
an answer: what was just being stored is in doubt, and clients ask again. Then the server stands
by once more, in the same process: each time everything is built anew, as at a start.
"""

import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import structlog
import trio

from chat_server.config import Config
from chat_server.errors import StartError, UnreachableStoreError
from chat_server.messages.search import Search
from chat_server.protocols.standby_socket import StandbySocket
from chat_server.run.background import run_metrics, run_search, start_admin_socket
from chat_server.run.leader import find_leader
from chat_server.run.signals import Stop
from chat_server.store.errors import StoreLost
from chat_server.store.threads import Storage
from chat_server.tasks.parts import Parts

if TYPE_CHECKING:
    from chat_server.store.postgresql.storage import Candidate

log = structlog.get_logger()

_FOLLOWING: Final = 2.0  # seconds between two looks for new messages
_RETRY: Final = 1.0  # seconds between two attempts to reach the database


async def serve_when_leading(
    config: Config,
    stop: Stop,
    standing_by: Callable[[], None],
    serve: Callable[[Storage], Awaitable[None]],
) -> None:
    """Call `serve` whenever this server leads, and `standing_by` before, until `stop` is set.

    Raises StartError.
    """
    assert config.store is not None
    check_extra()
    failed = _Failures()
    while not stop.is_set():
        try:
            async with _lead(config, config.store, stop, standing_by, failed) as storage:
                if storage is not None:
                    await serve(storage)
        except* StoreLost as group:
            log.error("database connection lost", reason=_reason(group))
        except* UnreachableStoreError as group:
            failed.log(_reason(group))
            await trio.sleep(_RETRY)


def check_extra() -> None:
    """Raise StartError if what PostgreSQL needs is not installed."""
    if find_spec("psycopg") is None:
        raise StartError(
            "--store needs the extra postgresql: in a clone, pip install '.[postgresql]'."
        )


def node_name(config: Config) -> str:
    """Return what this server is called among those with the same store."""
    return config.node or socket.gethostname()


@asynccontextmanager
async def _lead(
    config: Config,
    url: str,
    stop: Stop,
    standing_by: Callable[[], None],
    failed: "_Failures",
) -> AsyncGenerator[Storage | None]:
    """Wait until this server leads, and yield its store; None if it is to stop instead."""
    async with AsyncExitStack() as connections:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_cancel_when_stopped, stop, nursery.cancel_scope)
            await start_admin_socket(nursery, config, StandbySocket(partial(_leader_name, url)))
            if config.metrics is not None:
                await nursery.start(run_metrics, config.metrics, partial(_metrics, url))
            standing_by()
            candidate = await _connect(url, connections, failed)
            log.info("standing by")
            nursery.start_soon(candidate.run_heartbeat)
            nursery.start_soon(_follow, config, candidate)
            epoch = await candidate.wait_leading(node_name(config))
            nursery.cancel_scope.cancel()
        if stop.is_set():
            yield None
            return
        log.info("leading", epoch=epoch)
        async with candidate.storage() as storage:
            yield storage


async def _cancel_when_stopped(stop: Stop, scope: trio.CancelScope) -> None:
    await stop.wait()
    scope.cancel()


async def _connect(url: str, connections: AsyncExitStack, failed: "_Failures") -> "Candidate":
    """Connect to the database as soon as it can be reached, for as long as `connections` is open.

    Raises StartError.
    """
    from chat_server.store.postgresql.storage import candidate

    while True:
        try:
            connected = await connections.enter_async_context(candidate(url))
        except UnreachableStoreError as exc:
            failed.log(f"{exc}")
            await trio.sleep(_RETRY)
        else:
            failed.end()
            return connected


async def _follow(config: Config, candidate: "Candidate") -> None:
    """Keep the search index up to date, so that it is ready when this server leads."""
    while not await candidate.find_leader():  # noqa: ASYNC110 - no tables yet; from elsewhere
        await trio.sleep(_FOLLOWING)
    search = Search(_Elsewhere())
    async with candidate.reading() as read:
        await Parts().run("search", partial(run_search, search, config, read))


class _Elsewhere:
    """Messages that another server stores: that some were may be found by looking only."""

    posts = 0

    async def wait_committed(self) -> None:
        await trio.sleep(_FOLLOWING)


async def _metrics(url: str) -> bytes:
    from chat_server.protocols.metrics import role_exposition

    leader = await find_leader(url)
    return role_exposition(leads=False, epoch=leader.epoch if leader else 0)


async def _leader_name(url: str) -> str:
    leader = await find_leader(url)
    return leader.node if leader else ""


class _Failures:
    """Logs why the database cannot be reached, once for each reason."""

    def __init__(self) -> None:
        self._reason = ""

    def log(self, reason: str) -> None:
        if reason != self._reason:
            self._reason = reason
            log.error("database not reached, trying again", reason=reason)

    def end(self) -> None:
        """Log the next failure, whatever it is."""
        self._reason = ""


def _reason(group: BaseExceptionGroup[BaseException]) -> str:
    """Return the message of the first error in `group`."""
    first = group.exceptions[0]
    return _reason(first) if isinstance(first, BaseExceptionGroup) else f"{first}"
