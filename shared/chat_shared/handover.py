"""What a server and its gateway send each other, so that the next server goes on with it.

On each connection to its socket the gateway sends a Greeting, with its listening sockets as file
descriptors (unix(7), SCM_RIGHTS). Then a server may send commands, of one byte each, and the
gateway reports each failure of a worker or a client, as a line of JSON.
"""

from typing import Final, TypeAlias

import msgspec

# Stop listening, answer with the same byte, and end when nobody is connected any more.
DRAIN: Final = b"d"
# End now, and all clients with you.
END: Final = b"e"

# Load the certificate again: it has been renewed.
RELOAD: Final = b"r"

# Bytes of a greeting, and listening sockets, at most.
MAX_GREETING: Final = 8 * 1024
MAX_SOCKETS: Final = 64


class Greeting(msgspec.Struct, frozen=True):
    """Which gateway this is."""

    settings: str
    """What it was started with; a server with other settings needs another one."""
    fingerprint: str
    """By which people recognize the host key."""
    schemes: list[str]
    """What each of its sockets is for, such as `ssh`, in their order."""


class WorkerFailed(msgspec.Struct, frozen=True, tag=True):
    """A process of the gateway that ended although nobody told it to."""

    code: int
    """Its exit code; that of a signal that ended it is negative."""
    people: int
    """How many were disconnected by that."""
    error: str = ""
    """The exception that ended it, without its message."""


class ClientFailed(msgspec.Struct, frozen=True, tag=True):
    """One person's client, which a bug ended."""

    error: str
    """The exception, without its message."""


Failure: TypeAlias = WorkerFailed | ClientFailed
