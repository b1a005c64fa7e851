"""From the name of a host to where it can be reached."""

import asyncio
import socket
from itertools import chain, zip_longest
from typing import Final, TypeAlias, cast

from chat_tui.model.address import Address

# IP address and port, and for IPv6 also the flow and the number of the zone.
SocketAddress: TypeAlias = tuple[str, int] | tuple[str, int, int, int]

_TCP: Final[dict[str, int]] = {"type": socket.SOCK_STREAM, "proto": socket.IPPROTO_TCP}


async def look_up(address: Address) -> list[SocketAddress]:
    """Return where a host can be reached, in the order in which to try that.

    The system's order, but with IPv6 and IPv4 in turn: where one of the two does not work, the
    other is tried second (RFC 8305, section 4). An IP address waits for no other look-up. Raises
    OSError, and UnicodeError for what is no name.
    """
    host, port = address.network_host, address.port
    try:
        found = socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST, **_TCP)
    except socket.gaierror:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, **_TCP)
    by_family: dict[int, list[SocketAddress]] = {}
    for family, *_, where in found:
        by_family.setdefault(family, []).append(cast("SocketAddress", where))
    in_turn = chain.from_iterable(zip_longest(*by_family.values()))
    return list(dict.fromkeys(where for where in in_turn if where is not None))
