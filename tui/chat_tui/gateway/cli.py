"""The gateway as a program: its arguments, its host key, its end.

Serves until standard input ends, which is when the program that started it is gone, or until
SIGTERM. Then clients end in order; what they have not sent is not acknowledged.
"""

import argparse
import asyncio
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import asyncssh

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
    return parser


async def _serve(given: argparse.Namespace, spawner: Spawner) -> None:
    key = _host_key(given.host_key)
    workers = Workers(spawner)
    ended = _end_of_parent()
    # Without it no worker can be started; the server starts us again.
    asyncio.get_running_loop().add_reader(spawner.control, ended.set)
    try:
        acceptors = [
            await listen(socket.socket(fileno=fd), workers, key, given.server) for fd in given.ssh
        ]
        print(f"ready {key.get_fingerprint()}", flush=True)  # noqa: T201 - for the parent
        await ended.wait()
        for acceptor in acceptors:
            acceptor.close()
    finally:
        workers.end()


def _host_key(path: Path) -> asyncssh.SSHKey:
    """Return the key by which people recognize this server, a new one at the first start."""
    if not path.exists():
        key = asyncssh.generate_private_key("ssh-ed25519")
        write_private(path, key.export_private_key())
    return asyncssh.read_private_key(path)


def _end_of_parent() -> asyncio.Event:
    """Return an event that is set at the end of standard input, or by SIGTERM or SIGINT."""
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    loop.add_reader(sys.stdin, ended.set)  # nothing is ever written to it
    return ended
