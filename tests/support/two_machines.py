"""Two addresses of this computer that stand for two machines with one data folder.

One of them is up at a time. Both have the same certificate, and each names the other.
"""

import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chat_tui.model.address import Address
from support.tui_real_server import RealServer

HOSTS: Final = ("127.0.0.1", "127.0.0.2")

# Enough that only the disk and the network slow people down.
WIDE: Final = ("--limits.posts", "100000", "--limits.posts-per-second", "100000")


def two_addresses() -> tuple[Address, Address]:
    """Return two addresses with one port that is free at both."""
    with socket.socket() as free, socket.socket() as same:
        free.bind((HOSTS[0], 0))
        port = free.getsockname()[1]
        same.bind((HOSTS[1], port))
    first, second = (Address(host, port) for host in HOSTS)
    return first, second


def nodes_of(address: Address) -> tuple[str, str]:
    """Return the flag that names the other machine."""
    [other] = [host for host in HOSTS if host != address.host]
    return "--nodes", f"{other}:{address.port}"


@dataclass
class Machines:
    """The machines, and the one that is up."""

    data: Path
    first: Address
    second: Address
    up: RealServer

    @property
    def fingerprint(self) -> str:
        return self.up.fingerprint

    async def take_over(self) -> None:
        """Kill the machine that is up, and start the other one."""
        await self.up.kill()
        at = self.second if self.up.address.host == self.first.host else self.first
        self.up = _server(self.data, at)
        await self.up.start()


def _server(data: Path, at: Address) -> RealServer:
    return RealServer(data, *nodes_of(at), *WIDE, scheme="tls", at=at)


@asynccontextmanager
async def two_machines(data: Path) -> AsyncGenerator[Machines]:
    """Yield two machines, of which the first is up."""
    first, second = two_addresses()
    machines = Machines(data, first, second, _server(data, first))
    await machines.up.start()
    try:
        yield machines
    finally:
        await machines.up.kill()
