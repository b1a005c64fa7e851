"""A way to a server: to the address that the user named, or to another one that is known of it."""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

from chat_tui.model.address import Address, Place
from chat_tui.net.lookup import SocketAddress, look_up
from chat_tui.net.race import first_of
from chat_tui.net.reach import reachable

_GOODBYE_WITHIN: Final = 1.0  # seconds for TLS's own shutdown: a reconnect is waiting

# RFC 8305 recommends this before the next IP address is tried as well.
_NEXT_IP_AFTER: Final = 0.25  # seconds

Streams: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class OutOfReach(Exception):
    """A server may not send us to this address; the message says why."""


@dataclass(frozen=True, slots=True)
class Way:
    """Who has to answer, and where."""

    server: Address  # as the user named it; its name is in a certificate of an authority
    at: Address

    @property
    def is_own(self) -> bool:
        """Whether the user named this address."""
        return self.at == self.server

    def place(self, fingerprint: str = "") -> Place:
        """Return where this way leads, once TLS has verified the server."""
        return Place(self.server, True, fingerprint, None if self.is_own else self.at)

    async def open(self, context: ssl.SSLContext | None = None) -> Streams:
        """Connect to the first IP address of the host that answers. Raises OSError, UnicodeError,
        OutOfReach.

        A dead one delays no other. With a `context`, over TLS.
        """
        if context is not None:
            context.minimum_version = ssl.TLSVersion.TLSv1_3
        sock = await self._connected()
        return await asyncio.open_connection(
            sock=sock,
            ssl=context,
            server_hostname=self.server.network_host if context else None,
            ssl_shutdown_timeout=_GOODBYE_WITHIN if context else None,
        )

    async def _connected(self) -> socket.socket:
        """Return a connected socket. As `asyncio.open_connection` with `happy_eyeballs_delay`.

        That one loses its socket if it is cancelled a moment after the socket was connected, and
        the server would keep a connection to nobody.
        """
        attempts = [partial(_connect, where) for where in await self._places()]
        try:
            return await first_of(
                attempts, _NEXT_IP_AFTER, socket.socket.close, is_final=_is_unexpected
            )
        except ExceptionGroup as group:
            raise _most_telling(group.exceptions) from None

    async def _places(self) -> list[SocketAddress]:
        """Return where to try. Raises OSError, UnicodeError, OutOfReach."""
        if self.is_own:
            return await look_up(self.at)
        places = await reachable(self.at, self.server)
        if not places:
            raise OutOfReach(f"it is in a more private network than {self.server}")
        return places

    def why_not(self, exc: OSError | UnicodeError) -> str:
        """Return what went wrong and where: name, port or network."""
        at = self.at
        if at.is_private:
            return "The server isn't running at the moment."
        if at.path:
            return f"No server listens at {at}."
        if isinstance(exc, UnicodeError):
            return f"{at.host} isn't a valid host name."
        if isinstance(exc, socket.gaierror):
            if exc.errno == socket.EAI_AGAIN:
                return f"{at.host} can't be looked up (DNS): are you online?"
            return f"{at.host} doesn't exist (DNS)."
        if isinstance(exc, ConnectionRefusedError):
            return f"{at.host} refuses connections on port {at.port}."
        return f"{at.host} can't be reached: {exc.strerror or exc}."


async def _connect(where: SocketAddress) -> socket.socket:
    """Return a connected socket. Raises OSError."""
    sock = socket.socket(socket.AF_INET6 if ":" in where[0] else socket.AF_INET)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, where)
    except BaseException:
        sock.close()
        raise
    return sock


def _most_telling(failures: Sequence[Exception]) -> Exception:
    """Return why a host cannot be reached. Often it has an IPv6 address too, and we have none."""
    refusals = (failure for failure in failures if isinstance(failure, ConnectionRefusedError))
    return next(refusals, failures[0])


def _is_unexpected(failure: BaseException) -> bool:
    return not isinstance(failure, OSError)
