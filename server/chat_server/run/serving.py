"""From a config to a house with open doors, and its orderly end."""

import os
import resource
import signal
import sys
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from typing import Final

import structlog
import trio

from chat_server import data_folder
from chat_server.config import Config, TcpAddress
from chat_server.net.certificates import Credentials
from chat_server.net.listeners import Listener, address_of, name_of, open_listeners, remove_sockets
from chat_server.protocols.native import NativeProtocol, Rates
from chat_server.run.background import run_background
from chat_server.run.systemd import NOBODY, Supervisor
from chat_server.services import Services, build_services
from chat_server.store.threads import open_storage
from chat_shared.limits import PROTOCOL
from chat_shared.messages import Hello

log = structlog.get_logger()

SHUTTING_DOWN: Final = "the server is shutting down"


async def run_server(
    config: Config, ready: Callable[[list[str]], None], supervisor: Supervisor = NOBODY
) -> None:
    """Serve until a signal (or the end of standard input, if so configured) says stop.

    A second signal ends at once. SIGHUP has the certificate read again. Raises StartError.
    """
    _raise_file_limit()
    stop = trio.Event()
    credentials = Credentials(config)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_watch_signals, stop, nursery.cancel_scope)
        nursery.start_soon(_watch_hangups, stop, credentials.reload)
        if config.until_eof:
            nursery.start_soon(_watch_stdin, stop)
        await serve(config, stop, ready, supervisor, credentials)
        nursery.cancel_scope.cancel()


async def serve(
    config: Config,
    stop: trio.Event,
    ready: Callable[[list[str]], None],
    supervisor: Supervisor = NOBODY,
    credentials: Credentials | None = None,
) -> None:
    """Serve until `stop`; `ready` is told the addresses once people can come in.

    Raises StartError.
    """

    credentials = credentials or Credentials(config)

    def announce(listeners: list[Listener]) -> None:
        ready([name_of(listener) for listener in listeners])
        _log_link(listeners, credentials)
        supervisor.tell("READY=1")

    with data_folder.held(config.data):
        async with (
            open_storage(config.data / data_folder.DATABASE, config.durability) as storage,
            trio.open_nursery() as nursery,
        ):
            services = await build_services(config, storage)
            nursery.start_soon(services.run)
            async with trio.open_nursery() as beside:
                await beside.start(run_background, config, services, storage, stop, supervisor)
                await _keep_doors_open(config, services, credentials, stop, announce)
                beside.cancel_scope.cancel()
            services.close()


async def _keep_doors_open(
    config: Config,
    services: Services,
    credentials: Credentials,
    stop: trio.Event,
    ready: Callable[[list[Listener]], None],
) -> None:
    """Let people in until `stop`, then let everyone leave in good order.

    Two nurseries because closing has two steps: the doors shut at once, while
    those inside get `grace` seconds to receive what is already on its way.
    """
    listeners = await _open_doors(config, credentials)
    async with trio.open_nursery() as sessions:
        door = NativeProtocol(services, _greeting(config), _rates(config), writers=sessions)
        async with trio.open_nursery() as doors:
            serve_listeners = partial(
                trio.serve_listeners, door, listeners, handler_nursery=sessions
            )
            await doors.start(serve_listeners)
            ready(listeners)
            await stop.wait()
            log.info("shutting down", sessions=len(services.registry))
            doors.cancel_scope.cancel()
        remove_sockets(config.addresses)
        services.registry.disconnect_all(SHUTTING_DOWN)
        sessions.cancel_scope.deadline = trio.current_time() + config.grace


async def _open_doors(config: Config, credentials: Credentials) -> list[Listener]:
    if any(isinstance(address, TcpAddress) and address.tls for address in config.addresses):
        credentials.load()
    return await open_listeners(config.addresses, lambda: credentials.context)


def _log_link(listeners: list[Listener], credentials: Credentials) -> None:
    """Write down what people join with, if they can come from elsewhere."""
    for address in map(address_of, listeners):
        if isinstance(address, TcpAddress) and address.tls:
            log.info("people join with", link=str(credentials.link(address.port)))
            return


def _greeting(config: Config) -> Hello:
    return Hello(
        protocol=PROTOCOL,
        server=config.name,
        version=version("trialogue"),
        registration=config.registration,
    )


def _rates(config: Config) -> Rates:
    limits = config.limits
    return Rates(limits.posts, limits.posts_per_second, limits.requests, limits.requests_per_second)


async def _watch_signals(stop: trio.Event, everything: trio.CancelScope) -> None:
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            if stop.is_set():
                everything.cancel()
            stop.set()


async def _watch_hangups(stop: trio.Event, reload: Callable[[], None]) -> None:
    """Read again on SIGHUP; end where it says that our terminal was closed.

    Whoever started us with nohup wants to outlive the terminal.
    """
    bound = signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN and _has_terminal()
    with trio.open_signal_receiver(signal.SIGHUP) as signals:
        async for _ in signals:
            if bound and not _has_terminal():
                stop.set()
            else:
                reload()


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


async def _watch_stdin(stop: trio.Event) -> None:
    """Set `stop` when whoever holds the other end of standard input is gone, however it went."""
    async with trio.lowlevel.FdStream(os.dup(sys.stdin.fileno())) as stdin:
        while await stdin.receive_some():
            pass
    stop.set()


def _raise_file_limit() -> None:
    """Allow as many connections as the system does; each costs one open file."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
