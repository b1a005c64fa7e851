"""Tasks beside the clients' listeners: admin socket, metrics and maintenance."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Final

import structlog
import trio

from chat_server.addresses import UnixAddress, parse_address, socket_path_fits
from chat_server.admin.operations import Administration
from chat_server.clock import now
from chat_server.config import Config
from chat_server.data_folder import ADMIN_SOCKET, DATABASE, SEARCH, SEARCH_COPY
from chat_server.errors import StartError
from chat_server.files.sweeping import FileSweeper
from chat_server.keep import parse_keep
from chat_server.messages.retention import Retention
from chat_server.messages.search import Search
from chat_server.net.accepting import serve_listeners
from chat_server.net.listeners import name_of, open_listeners, open_private, remove_sockets
from chat_server.protocols.admin_socket import AdminSocket
from chat_server.run.leader import find_replication
from chat_server.run.signals import Stop
from chat_server.run.systemd import Supervisor
from chat_server.services import Services
from chat_server.store.threads import Read, Storage

log = structlog.get_logger()

# Connections at once to the admin socket, and as many for metrics: within the reserve of files.
MAX_OPERATORS: Final = 8


async def run_background(
    config: Config,
    services: Services,
    storage: Storage,
    stop: Stop,
    supervisor: Supervisor,
    *,
    task_status: trio.TaskStatus[None],
) -> None:
    """Run the background tasks until cancelled; started once the sockets are open.

    Raises StartError.
    """
    async with trio.open_nursery() as nursery:
        if config.metrics is not None:
            read = partial(_metrics, config, services, storage)
            await nursery.start(run_metrics, config.metrics, read)
        admin = AdminSocket(Administration(services, storage, now))
        await start_admin_socket(nursery, config, admin)
        retention = Retention(storage, parse_keep(config.keep), now)
        forgetting = partial(services.rooms.run_forgetting, services.is_in_use)
        nursery.start_soon(services.parts.run, "retention", retention.run)
        if config.keeps_files:
            sweeper = FileSweeper(storage, services.uploads, now)
            nursery.start_soon(services.parts.run, "files", sweeper.run)
        await tell_about_files(config, storage)
        search = partial(run_search, services.search, config, storage.read)
        nursery.start_soon(services.parts.run, "search", search)
        nursery.start_soon(services.parts.run, "rooms", forgetting)
        nursery.start_soon(_notify_stopping, stop, supervisor)
        task_status.started()


async def tell_about_files(config: Config, storage: Storage) -> None:
    """Log what other machines lack of what is stored here."""
    if not config.keeps_files:
        if await storage.read(lambda store: store.blobs("", 1)):
            log.warning(
                "files of messages can be read on one machine only, and none can be sent: with "
                "--store they need --bucket"
            )
        else:
            log.info("files in messages are off: with --store they need --bucket")
    elif config.nodes and config.store is None:
        what = "messages" if config.bucket else "messages and files"
        log.warning(
            f"{what} are on this machine only: what takes over needs a copy of the data folder",
            data=str(config.data),
            nodes=[*config.nodes],
        )


async def run_search(search: Search, config: Config, read: Read) -> None:
    """Maintain the search index in the data folder, of the database there or elsewhere."""
    if config.store is None:
        await search.run(config.data / SEARCH, config.data / DATABASE)
    else:
        await search.run(config.data / SEARCH, config.data / SEARCH_COPY, read)


async def start_admin_socket(
    nursery: trio.Nursery, config: Config, handler: Callable[[trio.abc.Stream], Awaitable[None]]
) -> None:
    """Let `handler` answer on the admin socket, if it has a path that the system can open."""
    path = config.data.absolute() / ADMIN_SOCKET
    if socket_path_fits(path):
        await nursery.start(_run_admin_socket, handler, path)
    else:
        log.warning(
            "admin socket disabled: its path is too long; use a shorter --data path",
            path=str(path),
        )


async def _run_admin_socket(
    handler: Callable[[trio.abc.Stream], Awaitable[None]],
    path: Path,
    *,
    task_status: trio.TaskStatus[None],
) -> None:
    try:
        listeners = [open_private(path)]
        await serve_listeners(handler, listeners, most=MAX_OPERATORS, task_status=task_status)
    finally:
        remove_sockets([UnixAddress(path)])


async def run_metrics(
    address: str, read: Callable[[], Awaitable[bytes]], *, task_status: trio.TaskStatus[None]
) -> None:
    """Serve what `read` returns on `address`, until cancelled. Raises StartError."""
    try:
        # Imported here because the extra is optional.
        from chat_server.protocols.metrics_endpoint import MetricsEndpoint
    except ImportError:
        raise StartError(
            "--metrics needs the extra metrics: in a clone, pip install '.[metrics]'."
        ) from None
    listeners = await open_listeners([parse_address(address)], setting="--metrics")
    log.info("metrics listening", addresses=[name_of(listener) for listener in listeners])
    async with trio.open_nursery() as nursery:
        serve = partial(serve_listeners, MetricsEndpoint(read), listeners, most=MAX_OPERATORS)
        await nursery.start(serve)
        task_status.started()


async def _metrics(config: Config, services: Services, storage: Storage) -> bytes:
    from chat_server.protocols.metrics import exposition, role_exposition

    metrics = await exposition(services, storage)
    if config.store is None:
        return metrics
    leader, standbys = await find_replication(config.store)
    return metrics + role_exposition(
        leads=True, epoch=leader.epoch if leader else 0, standbys=standbys
    )


async def _notify_stopping(stop: Stop, supervisor: Supervisor) -> None:
    await stop.wait()
    supervisor.notify("STOPPING=1")
