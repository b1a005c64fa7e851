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
from chat_server.accounts import Accounts
from chat_server.arrivals import Arrivals
from chat_server.clock import now
from chat_server.commands import House
from chat_server.config import Config
from chat_server.doors.native import NativeDoor, Rates
from chat_server.history import Archive
from chat_server.hub import Hub
from chat_server.journal import Journal
from chat_server.listeners import name_of, open_listeners
from chat_server.passwords import Passwords
from chat_server.rooms import Rooms
from chat_server.store.threads import Storage, open_storage
from chat_shared.limits import PROTOCOL
from chat_shared.messages import Hello

log = structlog.get_logger()

DATABASE: Final = "chat.db"

SHUTTING_DOWN: Final = "the server is shutting down"


async def run_server(config: Config, ready: Callable[[list[str]], None]) -> None:
    """Serve until a signal (or the end of standard input, if so configured) says stop.

    A second signal ends at once. Raises StartError.
    """
    _raise_file_limit()
    stop = trio.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_watch_signals, stop, nursery.cancel_scope)
        if config.until_eof:
            nursery.start_soon(_watch_stdin, stop)
        await serve(config, stop, ready)
        nursery.cancel_scope.cancel()


async def serve(config: Config, stop: trio.Event, ready: Callable[[list[str]], None]) -> None:
    """Serve until `stop`; `ready` is told the addresses once people can come in.

    Raises StartError.
    """
    with data_folder.held(config.data):
        async with (
            open_storage(config.data / DATABASE, config.durability) as storage,
            trio.open_nursery() as nursery,
        ):
            house = await furnish(config, storage)
            nursery.start_soon(house.journal.run)
            await _keep_doors_open(config, house, stop, ready)
            house.journal.close()


async def furnish(config: Config, storage: Storage) -> House:
    """Put a house together on top of `storage`."""
    limits = config.limits
    hub = Hub(
        most=limits.connections,
        most_per_address=limits.connections_per_address,
        most_per_account=limits.sessions_per_account,
    )
    passwords = Passwords()
    rooms = Rooms(storage, passwords, per_account=limits.rooms_per_account, now=now)
    await rooms.load()
    accounts = Accounts(
        storage,
        passwords,
        registration=config.registration,
        tokens=limits.sessions_per_account,
        now=now,
    )
    return House(
        accounts=accounts,
        archive=Archive(storage, hub.online),
        arrivals=Arrivals(hub, rooms, storage),
        hub=hub,
        journal=Journal(storage, rooms.numbered, now),
        rooms=rooms,
    )


async def _keep_doors_open(
    config: Config, house: House, stop: trio.Event, ready: Callable[[list[str]], None]
) -> None:
    """Let people in until `stop`, then let everyone leave in good order.

    Two nurseries because closing has two steps: the doors shut at once, while
    those inside get `grace` seconds to receive what is already on its way.
    """
    listeners = await open_listeners(config.addresses)
    async with trio.open_nursery() as sessions:
        door = NativeDoor(house, _greeting(config), _rates(config), writers=sessions)
        async with trio.open_nursery() as doors:
            serve_listeners = partial(
                trio.serve_listeners, door, listeners, handler_nursery=sessions
            )
            await doors.start(serve_listeners)
            ready([name_of(listener) for listener in listeners])
            await stop.wait()
            log.info("shutting down", sessions=len(house.hub))
            doors.cancel_scope.cancel()
        house.hub.dismiss(SHUTTING_DOWN)
        sessions.cancel_scope.deadline = trio.current_time() + config.grace


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
