"""Runs the server that a configuration describes, and shuts it down in order."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing, nullcontext
from functools import partial
from importlib.metadata import version
from typing import Final, TypeAlias

import structlog
import trio

from chat_server import data_folder
from chat_server.addresses import TcpAddress, UnixAddress
from chat_server.config import Config
from chat_server.ending import bounded_end
from chat_server.errors import StartError
from chat_server.files.bucket import check_bucket_extra
from chat_server.net.accepting import serve_listeners
from chat_server.net.certificates import Credentials
from chat_server.net.files import REFUSALS, connections_that_fit, raise_file_limit
from chat_server.net.listeners import (
    Listener,
    address_of,
    name_of,
    open_listeners,
    open_private,
    remove_sockets,
)
from chat_server.net.origins import Origins
from chat_server.net.public import PublicAddresses
from chat_server.protocols.native import NativeProtocol
from chat_server.run.background import run_background
from chat_server.run.gateway import Gateway, Listening, open_gateway, web_url
from chat_server.run.signals import Stop, run_sighup, run_stop_signals, stop_at_eof
from chat_server.run.standing_by import serve_when_leading
from chat_server.run.systemd import NO_SUPERVISOR, Supervisor
from chat_server.services import Services, build_services
from chat_server.store.api import StoreError
from chat_server.store.sqlite.storage import open_storage
from chat_server.store.threads import Storage
from chat_shared.limits import PROTOCOL
from chat_shared.messages import Hello

log = structlog.get_logger()

# Called with the listeners of the server, and with those of its gateway.
Announce: TypeAlias = Callable[[Sequence[Listener], Sequence[Listening]], None]

SHUTTING_DOWN: Final = "the server is shutting down"


async def run_server(
    config: Config, ready: Callable[[list[str]], None], supervisor: Supervisor = NO_SUPERVISOR
) -> None:
    """Serve until SIGINT or SIGTERM, or until standard input ends if `until_eof` is set.

    A second signal stops at once. SIGHUP reloads the certificate. Raises StartError,
    and ServerFailedError if the server cannot go on.
    """
    raise_file_limit()
    stop = Stop()
    credentials = Credentials(config)
    async with bounded_end() as nursery:
        nursery.start_soon(run_stop_signals, stop, nursery.cancel_scope)
        nursery.start_soon(run_sighup, stop, credentials.reload)
        if config.until_eof:
            nursery.start_soon(stop_at_eof, stop)
        await serve(config, stop, ready, supervisor, credentials)
        nursery.cancel_scope.cancel()


async def serve(
    config: Config,
    stop: Stop,
    ready: Callable[[list[str]], None],
    supervisor: Supervisor = NO_SUPERVISOR,
    credentials: Credentials | None = None,
) -> None:
    """Serve until `stop` is set; call `ready` with the addresses once they accept connections.

    Raises StartError.
    """
    if config.bucket is not None:
        check_bucket_extra()  # now, and not when this server is to lead
    credentials = credentials or Credentials(config)
    starting = trio.CancelScope()

    def standing_by() -> None:
        starting.cancel()
        supervisor.notify("READY=1")
        supervisor.notify("STATUS=standing by")

    def announce(listeners: Sequence[Listener], gateway: Sequence[Listening]) -> None:
        starting.cancel()
        ready([*map(name_of, listeners), *(str(item.address) for item in gateway)])
        supervisor.notify("READY=1")
        if config.store is not None:
            supervisor.notify("STATUS=leading")

    serve_storage = partial(_serve_storage, config, stop, announce, supervisor, credentials)
    with data_folder.locked(config.data):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_run_supervised, supervisor, starting)
            if config.store is None:
                await _serve_folder(config, serve_storage)
            else:
                await serve_when_leading(config, stop, standing_by, serve_storage)
            nursery.cancel_scope.cancel()


async def _run_supervised(supervisor: Supervisor, starting: trio.CancelScope) -> None:
    """Tell `supervisor` that we start, until `starting` is cancelled; then that we are alive."""
    await supervisor.run_starting(starting)
    await supervisor.run_watchdog()


async def _serve_folder(
    config: Config, serve_storage: Callable[[Storage], Awaitable[None]]
) -> None:
    """Serve what is stored in the locked data folder."""
    path = config.data / data_folder.DATABASE
    reserve = config.data / data_folder.RESERVE
    async with open_storage(path, config.durability, reserve) as storage:
        await serve_storage(storage)


async def _serve_storage(
    config: Config,
    stop: Stop,
    announce: Announce,
    supervisor: Supervisor,
    credentials: Credentials,
    storage: Storage,
) -> None:
    """Serve what is stored in `storage`."""
    services = await _build_services(config, storage)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(services.run)
        async with trio.open_nursery() as background:
            await background.start(run_background, config, services, storage, stop, supervisor)
            await _serve_clients(config, services, credentials, stop, announce)
            background.cancel_scope.cancel()
        services.close()


async def _build_services(config: Config, storage: Storage) -> Services:
    try:
        return await build_services(config, storage)
    except StoreError as exc:
        place = config.store or config.data / data_folder.DATABASE
        raise StartError(f"{place} cannot be used: {exc}. Run chat-server check.") from None


async def _serve_clients(
    config: Config,
    services: Services,
    credentials: Credentials,
    stop: Stop,
    ready: Announce,
) -> None:
    """Serve clients, those of a gateway too, until `stop`."""
    gateway = await open_gateway(config, credentials, stop)
    with closing(gateway) if gateway is not None else nullcontext():
        await _serve_until_stopped(config, services, credentials, stop, ready, gateway)


async def _serve_until_stopped(
    config: Config,
    services: Services,
    credentials: Credentials,
    stop: Stop,
    ready: Announce,
    gateway: Gateway | None,
) -> None:
    """Accept connections until `stop`, then close the listeners and end all sessions.

    Two nurseries because shutting down has two steps: the listeners close at
    once, while connected clients get `grace` seconds to receive what is
    already queued for them.
    """
    listeners = await _open_listeners(config, credentials)
    async with trio.open_nursery() as sessions:
        origins = Origins(config.trusted_networks, config.proxy_socket)
        handler = NativeProtocol(services, _greeting(config), sessions, origins)
        async with trio.open_nursery() as accepting:
            most = connections_that_fit(config.limits.connections) + REFUSALS
            serve_clients = partial(
                serve_listeners, handler, listeners, most=most, handler_nursery=sessions
            )
            await accepting.start(serve_clients)
            listening = gateway.listening if gateway else []
            _publish(config, services.public, listeners, listening, credentials)
            ready(listeners, listening)
            if services.public.web:
                log.info("web address", url=services.public.web)
            if gateway is not None:
                ready_gateway = partial(_gateway_ready, services.public)
                run_gateway = partial(gateway.run, ready_gateway, services.registry.count_forwarded)
                accepting.start_soon(services.parts.run, "gateway", run_gateway)
                accepting.start_soon(gateway.run_drained)
            if not services.public.ssh_port:
                _log_join_link(services.public)
            await stop.wait()
            log.info("shutting down", sessions=len(services.registry))
            accepting.cancel_scope.cancel()
        remove_sockets([*config.addresses, *_private(config)])
        services.registry.disconnect_all(SHUTTING_DOWN)
        sessions.cancel_scope.deadline = trio.current_time() + config.grace


async def _open_listeners(config: Config, credentials: Credentials) -> list[Listener]:
    if any(isinstance(address, TcpAddress) and address.tls for address in config.addresses):
        credentials.load()
    listeners = await open_listeners(config.addresses, lambda: credentials.context)
    return [*listeners, *(open_private(address.path) for address in _private(config))]


def _private(config: Config) -> list[UnixAddress]:
    """Return the sockets that only our own user may open."""
    return [UnixAddress(config.proxy_socket)] if config.proxy_socket else []


def _publish(
    config: Config,
    public: PublicAddresses,
    listeners: Sequence[Listener],
    gateway: Sequence[Listening],
    credentials: Credentials,
) -> None:
    """Record where people elsewhere reach the server, but for the host key of the gateway."""
    public.host = credentials.host
    public.nodes = config.other_nodes
    public.web = web_url(config, gateway, credentials.host)
    public.ssh_port = next((item.port for item in gateway if item.scheme == "ssh"), 0)
    for address in map(address_of, listeners):
        if isinstance(address, TcpAddress) and address.tls:
            public.port, public.fingerprint = address.port, credentials.fingerprint
            return


def _gateway_ready(public: PublicAddresses, ssh_key: str) -> None:
    """Record the host key and log the link with it: once, although a gateway may fail."""
    if public.ssh_key != ssh_key:
        public.ssh_key = ssh_key
        _log_join_link(public)


def _log_join_link(public: PublicAddresses) -> None:
    """Log the link that people join with, if the server listens on a network."""
    if link := public.join_link():
        log.info("join link", link=str(link))


def _greeting(config: Config) -> Hello:
    return Hello(
        protocol=PROTOCOL,
        server=config.name,
        version=version("trialogue"),
        registration=config.registration,
        nodes=tuple(map(str, config.other_nodes)),
        max_file=config.max_file,
    )
