"""The gateway as a program: its arguments, its host key, its end.

Serves until a server ends it, no server has been there for a while, or SIGTERM. Then clients end in
order; what they have not sent is not acknowledged.
"""

import argparse
import asyncio
import signal
import socket
from collections.abc import Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING

import asyncssh

from chat_shared.handover import ClientFailed, Greeting
from chat_tui.gateway.control import Control
from chat_tui.gateway.listeners import SCHEMES, Listeners
from chat_tui.gateway.places import Places
from chat_tui.gateway.spawner import Spawner
from chat_tui.gateway.ssh import listen
from chat_tui.gateway.web.certificate import Certificate
from chat_tui.gateway.workers import Workers
from chat_tui.storage.atomic_write import write_private

if TYPE_CHECKING:
    from chat_tui.gateway.web.listening import WebServer


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
    for scheme in SCHEMES:
        parser.add_argument(
            f"--{scheme}", type=int, action="append", default=[], metavar="FD",
            help=f"a listening socket for {scheme} (repeatable)",
        )  # fmt: skip
    parser.add_argument(
        "--host-key", type=Path, required=True, help="for ssh; created if missing", metavar="FILE"
    )
    parser.add_argument("--tls-cert", type=Path, help="for https", metavar="FILE")
    parser.add_argument("--tls-key", type=Path, help="for https", metavar="FILE")
    parser.add_argument("--name", default="", help="the server's name, for the pages")
    parser.add_argument("--web-url", default="", help="where people open the pages", metavar="URL")
    parser.add_argument(
        "--trust-proxy", type=ip_network, action="append", default=[], metavar="NETWORK",
        help="believe web servers there whom they forward (repeatable)",
    )  # fmt: skip
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
    workers, places = Workers(spawner), Places()
    ended = _end_by_signal()
    listeners = await _listen(given, workers, places)

    async def end_when_empty() -> None:
        await places.wait_empty()
        ended.set()

    def drain() -> None:
        listeners.stop()
        tasks.append(asyncio.create_task(end_when_empty()))

    tasks = list[asyncio.Task[None]]()
    schemes = [scheme for scheme, _ in listeners.sockets]
    greeting = Greeting(given.settings, listeners.fingerprint, schemes)
    sockets = [sock for _, sock in listeners.sockets]
    control = Control(greeting, sockets, drain, ended.set, listeners.reload)

    def note_end() -> None:
        """Report a worker's end. Without the spawner none can start; the server starts us again."""
        worker = spawner.read_ended()
        if worker is None:
            asyncio.get_running_loop().remove_reader(spawner.control)
            ended.set()
        elif failed := workers.note_ended(*worker):
            control.report(failed)

    asyncio.get_running_loop().add_reader(spawner.control, note_end)
    workers.client_failed = lambda error: control.report(ClientFailed(error))
    try:
        control.listen(given.control)
        control.take(socket.socket(fileno=given.starter))
        await ended.wait()
    finally:
        control.close()
        await listeners.close()
        workers.end()


async def _listen(given: argparse.Namespace, workers: Workers, places: Places) -> Listeners:
    sockets = [(scheme, sock) for scheme in SCHEMES for sock in _sockets(given, scheme)]
    listeners = Listeners(sockets)
    if given.ssh:
        key = _host_key(given.host_key)
        listeners.fingerprint = key.get_fingerprint()
        for _, sock in listeners.of("ssh"):
            listeners.acceptors.append(await listen(sock, workers, places, key, given.server))
    if given.https or given.http:
        listeners.web = web = _web_server(given, workers, places)
        for scheme, sock in listeners.of("https", "http"):
            web.listen(sock, is_secure=scheme == "https")
    return listeners


def _web_server(given: argparse.Namespace, workers: Workers, places: Places) -> "WebServer":
    # Imported late: without a browser, nothing of it is needed.
    from chat_tui.gateway.web.listening import WebServer

    certificate = Certificate(given.tls_cert, given.tls_key) if given.https else None
    return WebServer(
        workers,
        places,
        certificate,
        given.server,
        name=given.name,
        url=given.web_url,
        trusted=given.trust_proxy,
    )


def _sockets(given: argparse.Namespace, scheme: str) -> list[socket.socket]:
    return [socket.socket(fileno=descriptor) for descriptor in getattr(given, scheme)]


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
