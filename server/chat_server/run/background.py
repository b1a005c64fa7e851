"""What runs beside the members' doors: the operator's, the metrics', and the upkeep."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import structlog
import trio

from chat_server.admin.operations import Administration
from chat_server.clock import now
from chat_server.config import Config, UnixAddress, fits, parse_address, parse_keep
from chat_server.data_folder import ADMIN_SOCKET, DATABASE, SEARCH
from chat_server.errors import StartError
from chat_server.messages.retention import Retention
from chat_server.net.listeners import name_of, open_listeners, open_private, remove_sockets
from chat_server.protocols.admin_socket import AdminSocket
from chat_server.run.systemd import Supervisor
from chat_server.services import Services
from chat_server.store.threads import Storage

log = structlog.get_logger()


async def run_background(
    config: Config,
    services: Services,
    storage: Storage,
    stop: trio.Event,
    supervisor: Supervisor,
    *,
    task_status: trio.TaskStatus[None],
) -> None:
    """Serve the operator, and keep the house, until cancelled. Raises StartError."""
    admin = AdminSocket(Administration(services, storage, now))
    socket = config.data.absolute() / ADMIN_SOCKET
    async with trio.open_nursery() as nursery:
        if config.metrics is not None:
            await nursery.start(_run_scrapes, config.metrics, services, storage)
        if fits(socket):
            await nursery.start(_serve_operator, admin, socket)
        else:
            log.warning("no way in for `chat-server admin`: too long a path", path=str(socket))
        nursery.start_soon(Retention(storage, parse_keep(config.keep), now).run)
        nursery.start_soon(services.search.run, config.data / SEARCH, config.data / DATABASE)
        nursery.start_soon(supervisor.run_watchdog)
        nursery.start_soon(_tell_of_leaving, stop, supervisor)
        task_status.started()


async def _serve_operator(
    admin: AdminSocket, socket: Path, *, task_status: trio.TaskStatus[list[trio.SocketListener]]
) -> None:
    try:
        await trio.serve_listeners(admin, [open_private(socket)], task_status=task_status)
    finally:
        remove_sockets([UnixAddress(socket)])


async def _run_scrapes(
    address: str, services: Services, storage: Storage, *, task_status: trio.TaskStatus[None]
) -> None:
    try:
        # The extra need not be there, so it is asked for only by who wants it.
        from chat_server.protocols.metrics import exposition
        from chat_server.protocols.metrics_endpoint import MetricsEndpoint
    except ImportError:
        raise StartError(
            "For --metrics more must be installed: pip install 'trialogue[metrics]'."
        ) from None
    figures: Callable[[], Awaitable[bytes]] = partial(exposition, services, storage)
    listeners = await open_listeners([parse_address(address)])
    log.info("metrics", addresses=[name_of(listener) for listener in listeners])
    async with trio.open_nursery() as nursery:
        await nursery.start(trio.serve_listeners, MetricsEndpoint(figures), listeners)
        task_status.started()


async def _tell_of_leaving(stop: trio.Event, supervisor: Supervisor) -> None:
    await stop.wait()
    supervisor.tell("STOPPING=1")
