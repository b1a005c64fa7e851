"""Where connections come from: from their peers, or from whom a trusted proxy forwards."""

import os
import socket
import struct
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from typing import Final, TypeAlias

import structlog
import trio

from chat_server.net.transport import Transport
from chat_shared.addresses import limit_address
from chat_shared.proxy_header import (
    FIXED,
    BadProxyHeaderError,
    Origin,
    length_of_rest,
    read_header,
)

log = structlog.get_logger()

Network: TypeAlias = IPv4Network | IPv6Network

# Seconds for a proxy to say whom it forwards; it does so with its first packet.
HEADER_DEADLINE: Final = 10.0

_CREDENTIALS: Final = "3i"  # process, user, group: struct ucred of unix(7)


class UnknownOriginError(Exception):
    """A proxy did not say whom it forwards; the connection ends."""


class Origins:
    """Finds out where a connection comes from.

    Nobody but a trusted proxy is asked: a stranger who sends its header breaks our protocol.
    """

    def __init__(self, trusted: Sequence[Network] = (), gateway: Path | None = None) -> None:
        """Trust the proxies in these networks, and those that connect to the socket `gateway`."""
        self._trusted = trusted
        self._gateway = str(gateway)

    async def find(self, transport: Transport) -> Origin:
        """Return the origin of a new connection, its address as limits count it.

        Raises UnknownOriginError.
        """
        if not self._is_proxy(transport):
            return Origin(limit_address(transport.peer_host()))
        try:
            with trio.fail_after(HEADER_DEADLINE):
                origin = await _read_origin(transport)
        except (BadProxyHeaderError, trio.BrokenResourceError, trio.TooSlowError) as exc:
            reason = str(exc) or "nothing received"
            log.warning("proxy sent no valid header", proxy=transport.peer_host(), reason=reason)
            raise UnknownOriginError from None
        return origin._replace(address=limit_address(origin.address))

    def _is_proxy(self, transport: Transport) -> bool:
        if (sock := transport.socket) is None:
            return False
        if sock.family == socket.AF_UNIX:
            return bool(sock.getsockname() == self._gateway) and _is_own(sock)
        host = transport.peer_host()
        return bool(host) and any(_address(host) in network for network in self._trusted)


async def _read_origin(transport: Transport) -> Origin:
    fixed = await transport.read_raw(FIXED)
    return read_header(fixed, await transport.read_raw(length_of_rest(fixed)))


def _is_own(sock: trio.socket.SocketType) -> bool:
    """Return whether the peer runs as our user, or as root."""
    if not hasattr(socket, "SO_PEERCRED"):  # not Linux: the mode of the socket's file must do
        return True
    size = struct.calcsize(_CREDENTIALS)
    _, user, _ = struct.unpack(
        _CREDENTIALS, sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    )
    return user in (0, os.geteuid())


def _address(host: str) -> IPv4Address | IPv6Address:
    """Return the address, as IPv4 if it came through a socket of both kinds."""
    address = ip_address(host)
    return (address.version == 6 and address.ipv4_mapped) or address
