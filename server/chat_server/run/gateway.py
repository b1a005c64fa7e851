"""Runs the gateway: another process, which serves the client over SSH and to browsers.

It is given listening sockets that this process keeps open, so that a gateway that fails and is
started again misses no connection. It outlives this process unless the operator stops both: the
next server goes on with it, and nobody who is connected to it notices more than a pause.
"""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from signal import Signals
from typing import Final, cast

import structlog
import trio

from chat_server import data_folder
from chat_server.addresses import Address, Scheme, TcpAddress, UnixAddress, socket_path_fits
from chat_server.config import Config
from chat_server.errors import StartError
from chat_server.net.certificates import Credentials
from chat_server.net.listeners import open_listeners, remove_sockets
from chat_server.run.handover import Link, NoGatewayError, find_gateway, greeted
from chat_server.run.signals import Stop
from chat_server.tasks.parts import PartFailedError
from chat_shared.handover import END, ClientFailed, Failure, WorkerFailed

log = structlog.get_logger()

_MODULE: Final = "chat_tui.gateway"

# What is not installed by default, by the scheme that needs it.
_REQUIRED: Final[Mapping[str, str]] = {"ssh": "asyncssh", "https": "aiohttp", "http": "aiohttp"}

# Seconds for the gateway to end its clients in order.
_END_WITHIN: Final = 5.0


class GatewayFailedError(Exception):
    """The gateway ended although nobody told it to."""


@dataclass(frozen=True, slots=True)
class Listening:
    """A socket on which the gateway accepts people."""

    scheme: Scheme
    socket: trio.socket.SocketType

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    @property
    def address(self) -> Address:
        """Its actual address, with the port that it got."""
        if self.socket.family == trio.socket.AF_UNIX:
            return UnixAddress(Path(self.socket.getsockname()), "http")
        host, port = self.socket.getsockname()[:2]
        return TcpAddress(host, port, self.scheme)


async def open_gateway(config: Config, credentials: Credentials, stop: Stop) -> "Gateway | None":
    """Return the gateway for the addresses in `config`, if there are any; its sockets listen.

    One that runs already with the same settings is kept. One with others, or of another version,
    keeps the people who are connected to it, while a new one accepts connections.
    Raises StartError.
    """
    control = config.data.absolute() / data_folder.GATEWAY_SOCKET
    earlier = await find_gateway(control)
    if not config.gateway_addresses:
        if earlier is not None:
            earlier.end()
            earlier.close()
        return None
    _check_possible(config, control)
    if _uses_certificate(config):
        credentials.load()
    arguments = [*_arguments(config, credentials, control)]
    gateway = await _open(config, arguments, earlier, stop)
    credentials.when_reloaded(gateway.reload)
    return gateway


async def _open(
    config: Config, arguments: list[str], earlier: Link | None, stop: Stop
) -> "Gateway":
    if earlier is not None and f"--settings={earlier.greeting.settings}" in arguments:
        listening = [
            Listening(cast("Scheme", scheme), sock)
            for scheme, sock in zip(earlier.greeting.schemes, earlier.listening, strict=True)
        ]
        return Gateway(arguments, listening, stop, running=earlier)
    if earlier is not None:
        await earlier.drain()
    return Gateway(arguments, await _listen(config.gateway_addresses), stop, drained=earlier)


class Gateway:
    """The gateway, whichever process it is."""

    def __init__(
        self,
        arguments: Sequence[str],
        listening: Sequence[Listening],
        stop: Stop,
        *,
        running: Link | None = None,
        drained: Link | None = None,
    ) -> None:
        """Go on with the `running` one; end it, and the one that was `drained`, at a final stop."""
        self._arguments = arguments
        self.listening: Final = listening
        self._stop = stop
        self._running = running
        self._drained = drained
        self._link: Link | None = running

    def reload(self) -> None:
        """Let the gateway load the certificate again, which has been found to be good."""
        if self._link is not None:
            self._link.reload()

    def close(self) -> None:
        """Close our descriptors of its sockets; it goes on to listen with its own."""
        for item in self.listening:
            item.socket.close()

    async def run(self, ready: Callable[[str], None], people: Callable[[], int]) -> None:
        """Run the gateway until cancelled; call `ready` with its host key's fingerprint.

        `people` returns how many are connected through it. Raises PartFailedError if it ends
        before.
        """
        process: trio.Process | None = None
        link, self._running = self._running, None  # which is kept only once
        if link is None:
            link, process = await self._start()
        self._link = link
        link.reload()  # the certificate, which may be another one since
        host_key = {"fingerprint": link.greeting.fingerprint} if link.greeting.fingerprint else {}
        log.info("gateway ready", **host_key, kept=process is None)
        ready(link.greeting.fingerprint)
        try:
            await link.wait_ended(log_failed)
        finally:
            self._link = None
            if self._stop.is_final:
                with trio.CancelScope(shield=True):
                    await self._end(link, process)
                remove_sockets([item.address for item in self.listening])
            link.close()
        log.error("gateway failed", people=people(), **await _end_of(process))
        raise PartFailedError from GatewayFailedError()

    async def run_drained(self) -> None:
        """Log what fails in the gateway that was drained, as long as it has people."""
        if self._drained is not None:
            await self._drained.wait_ended(log_failed)

    async def _start(self) -> tuple[Link, trio.Process]:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs:
            process = await self._open_process(theirs)
        try:
            return await greeted(ours), process
        except NoGatewayError:
            ours.close()
            log.error("gateway not started", **await _end_of(process))
            raise PartFailedError from GatewayFailedError()
        except trio.Cancelled:
            ours.send(END)
            ours.close()
            raise

    async def _open_process(self, starter: socket.socket) -> trio.Process:
        descriptors = [item.socket.fileno() for item in self.listening]
        return await trio.lowlevel.open_process(
            [
                *(sys.executable, "-m", _MODULE, f"--starter={starter.fileno()}"),
                *(f"--{item.scheme}={item.socket.fileno()}" for item in self.listening),
                *self._arguments,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[starter.fileno(), *descriptors],
            start_new_session=True,  # the keys that end us in our terminal are not meant for it
        )

    async def _end(self, link: Link, process: trio.Process | None) -> None:
        """End the gateway and the one that was drained, in order if they can."""
        if self._drained is not None:
            self._drained.end()
        link.end()
        with trio.move_on_after(_END_WITHIN):
            await link.wait_ended(log_failed)
            if process is not None:
                await process.wait()
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()


def log_failed(failure: Failure) -> None:
    """Log what failed in the gateway."""
    more = {"exception": failure.error} if failure.error else {}
    match failure:
        case WorkerFailed(code, people):
            log.error("gateway worker failed", people=people, **_how(code), **more)
        case ClientFailed():
            log.error("gateway client failed", **more)


async def _end_of(process: trio.Process | None) -> dict[str, int | str]:
    """Return how a gateway ended, for the log: nothing of one that an earlier server started."""
    return _how(await process.wait()) if process is not None else {}


def _how(code: int) -> dict[str, int | str]:
    """Return how a process ended, for the log."""
    return {"exit_code": code} if code >= 0 else {"signal": Signals(-code).name}


def _check_possible(config: Config, control: Path) -> None:
    """Raise StartError if no gateway can run here."""
    for address in config.gateway_addresses:
        if find_spec(_REQUIRED[address.scheme]) is None:
            advice = "in a clone, pip install '.[gateway]'"
            raise StartError(f"{address.scheme}:// needs the extra gateway: {advice}.")
    if not socket_path_fits(control):
        raise StartError(f"Cannot listen on {control}: too long. Use a shorter --data path.")


def _uses_certificate(config: Config) -> bool:
    return any(address.scheme == "https" for address in config.gateway_addresses)


def web_url(config: Config, listening: Sequence[Listening], host: str) -> str:
    """Return the address to open in a browser; empty without one."""
    if config.web_url is not None:
        return _chosen_url(config)
    for item in listening:
        if isinstance(item.address, TcpAddress) and item.scheme == "https":
            return f"{TcpAddress(host, item.address.port, 'https')}/"
    return ""


def _chosen_url(config: Config) -> str:
    """Return --web-url with a slash at its end: the pages' links are relative to it."""
    return f"{config.web_url.rstrip('/')}/" if config.web_url else ""


def _arguments(config: Config, credentials: Credentials, control: Path) -> Iterator[str]:
    """Yield what the gateway is started with; its settings are all of that, and its version."""
    arguments = [
        f"--server={config.proxy_socket}",
        f"--host-key={config.data.absolute() / data_folder.SSH_HOST_KEY}",
        f"--control={control}",
        f"--name={config.name}",
        f"--web-url={_chosen_url(config)}",
        *(f"--trust-proxy={network}" for network in config.trust_proxy),
    ]
    if _uses_certificate(config):
        arguments.append(f"--tls-cert={credentials.certificate.absolute()}")
        arguments.append(f"--tls-key={credentials.key.absolute()}")
    settings = [version("trialogue"), *map(str, config.gateway_addresses), *arguments]
    yield from arguments
    yield f"--settings={' '.join(settings)}"


async def _listen(addresses: Sequence[Address]) -> list[Listening]:
    """Listen on `addresses`. Raises StartError."""
    return [
        Listening(cast("Scheme", address.scheme), listener.socket)
        for address in addresses
        for listener in await open_listeners([address])
    ]
