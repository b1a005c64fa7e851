"""Everything that the gateway uses of asyncssh's private API. Check it after an update."""

import asyncio
from collections.abc import Callable
from typing import Final

import asyncssh

# Variables of a person's terminal that matter, and the bytes that one of them may have.
VARIABLES: Final = ("TERM", "COLORTERM", "NO_COLOR")
MAX_VARIABLE: Final = 64


class _Variables(dict[bytes, bytes]):
    """Keeps the variables that matter, and of all others nothing."""

    def __setitem__(self, name: bytes, value: bytes) -> None:
        if name.decode(errors="replace") in VARIABLES and len(value) <= MAX_VARIABLE:
            super().__setitem__(name, value)


def bound_variables(channel: asyncssh.SSHServerChannel[bytes]) -> None:
    """Keep few environment variables of a session, where asyncssh keeps all that are sent."""
    channel._env = _Variables()


def paused(connection: asyncssh.SSHServerConnection) -> Callable[[], None]:
    """Read nothing from a new connection until the function that is returned is called."""
    transport = connection._transport
    assert transport is not None  # as it has just been made
    # Soon, and not at once: until Python 3.11.3, reading begins behind `connection_made` even so.
    asyncio.get_running_loop().call_soon(transport.pause_reading)
    return transport.resume_reading
