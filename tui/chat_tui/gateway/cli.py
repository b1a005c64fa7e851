"""The gateway as a program: its arguments, its host key, its end.

Serves until a server ends it, no server has been there for a while, or SIGTERM. Then clients end in
order; what they have not sent is not acknowledged.
"""

import argparse
import asyncio
import signal
import socket
from collections.abc import Sequence
from pathlib import Path

import asyncssh

from chat_shared.handover import Greeting
from chat_tui.gateway.control import Control
from chat_tui.gateway.places import Places
from chat_tui.gateway.spawner import Spawner
from chat_tui.gateway.ssh import listen
from chat_tui.gateway.workers import Workers
from chat_tui.storage.atomic_write import write_private


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point."""
    given = _parser().parse_args(arguments)
    spawner = Spawner(given.server)  # before anything that may start a thread
    asyncio.run(_serve(given, spawner))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m chat_tui.gateway", description=__doc__)
    parser.add_argument(
        "--server", type=Path, required=True, help="the server's proxy.sock", metavar="SOCKET"
    )
    parser.add_argument(
        "--ssh", type=int, action="append", required=True, metavar="FD",
        help="a listening socket for SSH connections (repeatable)",
    )  # fmt: skip
    parser.add_argument(
        "--host-key", type=Path, required=True, help="created if missing", metavar="FILE"
    )
    parser.add_argument(
        "--control", type=Path, required=True, help="where servers find this", metavar="SOCKET"
    )
    parser.add_argument(
        "--starter", type=int, required=True, metavar="FD",
        help="a connection to the server that starts this, as those to --control are",
    )  # fmt: skip
    parser.add_argument(
        "--settings", default="", help="what servers recognize this by", metavar="TEXT"
    )
    return parser


async def _serve(given: argparse.Namespace, spawner: Spawner) -> None:
    key = _host_key(given.host_key)
    workers, places = Workers(spawner), Places()
    ended = _end_by_signal()
    # Without it no worker can be started; the server starts us again.
    asyncio.get_running_loop().add_reader(spawner.control, ended.set)
    listening = [socket.socket(fileno=fd) for fd in given.ssh]
    acceptors = [await listen(sock, workers, places, key, given.server) for sock in listening]

    async def end_when_empty() -> None:
        await places.wait_empty()
        ended.set()

    def drain() -> None:
        for acceptor in acceptors:
            acceptor.close()
        tasks.append(asyncio.create_task(end_when_empty()))

    tasks = list[asyncio.Task[None]]()
    greeting = Greeting(given.settings, key.get_fingerprint(), ["ssh"] * len(listening))
    control = Control(greeting, listening, drain, ended.set)
    try:
        control.listen(given.control)
        control.take(socket.socket(fileno=given.starter))
        await ended.wait()
    finally:
        control.close()
        for acceptor in acceptors:
            acceptor.close()
        workers.end()


def _host_key(path: Path) -> asyncssh.SSHKey:
    """Return the key by which people recognize this server, a new one at the first start."""
    if not path.exists():
        key = asyncssh.generate_private_key("ssh-ed25519")
        write_private(path, key.export_private_key())
    return asyncssh.read_private_key(path)


def _end_by_signal() -> asyncio.Event:
    """Return an event that is set by SIGTERM or SIGINT."""
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    return ended
