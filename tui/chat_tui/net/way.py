"""A way to a server: to the address that the user named, or to another one that is known of it."""

import asyncio
import errno
import socket
import ssl
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

from chat_tui.model.address import Address, Place
from chat_tui.net.race import first_of
from chat_tui.net.reach import reachable_hosts

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
        if self.is_own:
            return await self._open(self.at.network_host, context)
        hosts = await reachable_hosts(self.at, self.server)
        if not hosts:
            raise OutOfReach(f"it is in a more private network than {self.server}")
        name = self.server.network_host if context else None
        attempts = [partial(self._open, host, context, name) for host in hosts]
        try:
            return await first_of(attempts, _NEXT_IP_AFTER, _abort, is_final=_is_unexpected)
        except ExceptionGroup as group:
            raise group.exceptions[0] from None

    async def _open(
        self, host: str, context: ssl.SSLContext | None, name: str | None = None
    ) -> Streams:
        return await asyncio.open_connection(
            host,
            self.at.port,
            ssl=context,
            server_hostname=name,
            ssl_shutdown_timeout=_GOODBYE_WITHIN if context else None,
            happy_eyeballs_delay=_NEXT_IP_AFTER,
        )

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
        # Where a name has several addresses, asyncio joins their errors in the text of one.
        if isinstance(exc, ConnectionRefusedError) or f"[Errno {errno.ECONNREFUSED}]" in str(exc):
            return f"{at.host} refuses connections on port {at.port}."
        return f"{at.host} can't be reached: {exc.strerror or exc}."


def _abort(streams: Streams) -> None:
    streams[1].transport.abort()


def _is_unexpected(failure: BaseException) -> bool:
    return not isinstance(failure, OSError)
