"""Where a server may send its clients: to no network that is more private than its own.

Otherwise a server on the internet could let them try ports in networks that it cannot reach
itself, and learn from the time that takes which are open.
"""

from contextlib import suppress
from enum import IntEnum
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from chat_tui.model.address import Address
from chat_tui.net.lookup import SocketAddress, look_up

_MOST: Final = 4  # IP addresses of one name that are tried

# What names end with that are looked up in a network of its own, and only while it works.
_PRIVATE: Final = ("local", "internal", "lan", "home", "corp", "home.arpa", "localhost", "test")


class Reach(IntEnum):
    """From where an address can be reached, from everywhere to nowhere else."""

    INTERNET = 0
    NETWORK = 1
    COMPUTER = 2


async def reachable(other: Address, server: Address) -> list[SocketAddress]:
    """Return where `other` is, as far as `server` may send us there.

    Raises OSError, UnicodeError.
    """
    found = await look_up(other)
    most = await _reach_of_server(server)
    return [where for where in found if _reach(where) <= most][:_MOST]


async def _reach_of_server(server: Address) -> Reach:
    """Return how private a server is; the most public of its IP addresses counts."""
    found: list[SocketAddress] = []
    with suppress(OSError, UnicodeError):
        found = await look_up(server)
    if found:
        return min(map(_reach, found))
    return Reach.NETWORK if _is_private_name(server.network_host) else Reach.INTERNET


def _reach(where: SocketAddress) -> Reach:
    ip: IPv4Address | IPv6Address = ip_address(where[0])
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if ip.is_loopback or ip.is_unspecified:  # systems take 0.0.0.0 for this computer
        return Reach.COMPUTER
    return Reach.INTERNET if ip.is_global else Reach.NETWORK


def _is_private_name(name: str) -> bool:
    return "." not in name or name.endswith(tuple(f".{ending}" for ending in _PRIVATE))
