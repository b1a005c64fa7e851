"""Notifies systemd, if it started us, that the server is ready, alive or stopping.

The protocol is sd_notify(3): a datagram to the socket that NOTIFY_SOCKET
names. Without such a socket nothing is sent.
"""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import trio

# Seconds that a start may take from each time we ask for more: it ends soon if we stop asking.
EXTENSION: Final = 60


@dataclass(frozen=True, slots=True)
class Supervisor:
    """The service manager that watches this process, or none."""

    address: str = ""  # of its socket; empty for none; a leading `@` marks an abstract socket
    watchdog_interval: float | None = None  # seconds of silence after which it restarts us

    def notify(self, state: str) -> None:
        """Send `state`, such as `READY=1`. Does nothing if the supervisor cannot be reached."""
        if not self.address:
            return
        address = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock:
            try:
                sock.sendto(state.encode(), address)
            except OSError:
                return

    async def run_starting(self, starting: trio.CancelScope) -> None:
        """Ask for more time until `starting` is cancelled: upgrading a database takes minutes."""
        with starting:
            while True:
                self.notify(f"EXTEND_TIMEOUT_USEC={EXTENSION * 1_000_000}")
                await trio.sleep(EXTENSION / 3)

    async def run_watchdog(self) -> None:
        """Report twice per interval, forever, that the event loop runs.

        Returns at once if no watchdog is configured.
        """
        if self.watchdog_interval is None:
            return
        while True:
            self.notify("WATCHDOG=1")
            await trio.sleep(self.watchdog_interval / 2)


NO_SUPERVISOR: Final = Supervisor()


def supervisor_from(environment: Mapping[str, str]) -> Supervisor:
    """Return the supervisor that `environment` describes."""
    address = environment.get("NOTIFY_SOCKET", "")
    microseconds = environment.get("WATCHDOG_USEC", "")
    for_us = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    watched = bool(address) and for_us and microseconds.isdigit() and int(microseconds) > 0
    return Supervisor(address, int(microseconds) / 1_000_000 if watched else None)
