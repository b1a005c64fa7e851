"""Connections to a gateway: to one that an earlier server left running, or to our own."""

import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec
import trio

from chat_shared.handover import (
    DRAIN,
    END,
    MAX_GREETING,
    MAX_SOCKETS,
    RELOAD,
    Failure,
    Greeting,
)

# Seconds for a gateway that runs already to greet us, and to stop listening.
_ANSWER_WITHIN: Final = 10.0


_READ: Final = 16 * 1024  # bytes


class NoGatewayError(Exception):
    """The gateway ended before it was ready, or it is none."""


@dataclass(eq=False)
class Link:
    """A connection to a gateway that has greeted us."""

    connection: socket.socket
    greeting: Greeting
    listening: list[trio.socket.SocketType] = field(default_factory=list)
    """The sockets on which it accepts people, which are ours as well."""

    async def wait_ended(self, report: Callable[[Failure], object]) -> None:
        """Wait until the gateway has ended; call `report` with each failure in it."""
        rest = b""
        while received := await _receive(self.connection):
            *lines, rest = (rest + received).split(b"\n")
            for line in lines:
                report(msgspec.json.decode(line, type=Failure))

    async def drain(self) -> None:
        """Make it stop listening; those who are connected stay until they leave."""
        for sock in self.listening:
            sock.close()
        self._send(DRAIN)
        with trio.move_on_after(_ANSWER_WITHIN):
            # Not what a worker's failure is reported by.
            while (received := await _receive(self.connection)) and not received.endswith(DRAIN):
                pass

    def end(self) -> None:
        """Make it end. Never waits."""
        self._send(END)

    def reload(self) -> None:
        """Make it load the certificate again. Never waits."""
        self._send(RELOAD)

    def close(self) -> None:
        """Leave the gateway to the next server."""
        self.connection.close()

    def _send(self, command: bytes) -> None:
        with suppress(OSError):  # it has ended meanwhile
            self.connection.send(command)


async def find_gateway(path: Path) -> Link | None:
    """Return a connection to the gateway that runs already, if there is one."""
    connection = socket.socket(socket.AF_UNIX)
    connection.setblocking(False)
    try:
        connection.connect(str(path))
        with trio.fail_after(_ANSWER_WITHIN):
            return await greeted(connection)
    except (OSError, trio.TooSlowError, NoGatewayError):
        connection.close()
        return None


async def greeted(connection: socket.socket) -> Link:
    """Return the link to the gateway at the other end. Raises NoGatewayError."""
    await trio.lowlevel.wait_readable(connection)
    try:
        data, descriptors, _, _ = socket.recv_fds(connection, MAX_GREETING, MAX_SOCKETS)
        greeting = msgspec.json.decode(data, type=Greeting)
    except (ConnectionError, msgspec.DecodeError) as exc:
        raise NoGatewayError from exc
    listening = [trio.socket.from_stdlib_socket(socket.socket(fileno=fd)) for fd in descriptors]
    return Link(connection, greeting, listening)


async def _receive(connection: socket.socket) -> bytes:
    """Return what the gateway sends next; nothing if it has ended."""
    await trio.lowlevel.wait_readable(connection)
    try:
        return connection.recv(_READ)
    except ConnectionError:
        return b""
