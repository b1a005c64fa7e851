"""What systemd is told, where it has started us: that we are ready, alive, leaving.

The protocol is sd_notify(3): a datagram to the socket that NOTIFY_SOCKET
names. Where there is none, nothing is sent and nothing is the matter.
"""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import trio


@dataclass(frozen=True, slots=True)
class Supervisor:
    """Whoever watches over this process."""

    address: str = ""  # of its socket; empty for nobody; `@` begins an abstract one
    patience: float | None = None  # seconds of silence after which it restarts us

    def tell(self, state: str) -> None:
        """Send `state`, such as `READY=1`. A supervisor that has gone is no reason to fail."""
        if not self.address:
            return
        address = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock:
            try:
                sock.sendto(state.encode(), address)
            except OSError:
                return

    async def run_watchdog(self) -> None:
        """Say for ever that the loop turns, twice as often as is asked for; or not at all."""
        if self.patience is None:
            return
        while True:
            self.tell("WATCHDOG=1")
            await trio.sleep(self.patience / 2)


NOBODY: Final = Supervisor()


def supervisor_of(environment: Mapping[str, str]) -> Supervisor:
    """Return the supervisor that `environment` speaks of."""
    address = environment.get("NOTIFY_SOCKET", "")
    microseconds = environment.get("WATCHDOG_USEC", "")
    meant = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    watched = bool(address) and meant and microseconds.isdigit() and int(microseconds) > 0
    return Supervisor(address, int(microseconds) / 1_000_000 if watched else None)
