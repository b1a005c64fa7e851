"""Where a server may send its clients: to no network that is more private than its own.

Otherwise a server on the internet could let them try ports in networks that it cannot reach
itself, and learn from the time that takes which are open.
"""

import asyncio
import socket
from contextlib import suppress
from enum import IntEnum
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from chat_tui.model.address import Address

_MOST: Final = 4  # IP addresses of one name that are tried

# What names end with that are looked up in a network of its own, and only while it works.
_PRIVATE: Final = ("local", "internal", "lan", "home", "corp", "home.arpa", "localhost", "test")


class Reach(IntEnum):
    """From where an address can be reached, from everywhere to nowhere else."""

    INTERNET = 0
    NETWORK = 1
    COMPUTER = 2


async def reachable_hosts(other: Address, server: Address) -> list[str]:
    """Return the IP addresses of `other` to which `server` may send us. Raises OSError."""
    hosts = await _look_up(other)
    most = await _reach_of_server(server)
    return [host for host in hosts if _reach(host) <= most][:_MOST]


async def _reach_of_server(server: Address) -> Reach:
    """Return how private a server is; the most public of its IP addresses counts."""
    hosts: list[str] = []
    with suppress(OSError, UnicodeError):
        hosts = await _look_up(server)
    if hosts:
        return min(map(_reach, hosts))
    return Reach.NETWORK if _is_private_name(server.network_host) else Reach.INTERNET


async def _look_up(address: Address) -> list[str]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(
        address.network_host, address.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
    )
    return list(dict.fromkeys(str(where[0]) for *_, where in found))


def _reach(host: str) -> Reach:
    ip: IPv4Address | IPv6Address = ip_address(host)
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if ip.is_loopback or ip.is_unspecified:  # systems take 0.0.0.0 for this computer
        return Reach.COMPUTER
    return Reach.INTERNET if ip.is_global else Reach.NETWORK


def _is_private_name(name: str) -> bool:
    return "." not in name or name.endswith(tuple(f".{ending}" for ending in _PRIVATE))
