"""The socket by which servers find the gateway: one that is started anew goes on with it.

People stay connected meanwhile. Without any server for a while, the gateway ends by itself.
"""

import asyncio
import os
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from chat_shared.handover import DRAIN, END, RELOAD, Failure, Greeting

# Seconds without a server: an upgrade of a large database takes minutes.
WITHOUT_SERVER: Final = 600.0


class Control:
    """Greets servers and carries out their commands."""

    def __init__(
        self,
        greeting: Greeting,
        listening: Sequence[socket.socket],
        drain: Callable[[], None],
        end: Callable[[], None],
        reload: Callable[[], None],
    ) -> None:
        """`drain` closes the `listening` sockets and lets people stay; `end` ends everything.

        `reload` loads the certificate again.
        """
        self._greeting = msgspec.json.encode(greeting)
        self._listening = listening
        self._drain = drain
        self._end = end
        self._reload = reload
        self._path: Path | None = None
        self._entrance: socket.socket | None = None
        self._servers: set[socket.socket] = set()
        self._waiting: asyncio.TimerHandle | None = None

    def listen(self, path: Path) -> None:
        """Accept servers at `path`, where only our own user can connect."""
        path.unlink(missing_ok=True)  # of a gateway that was killed
        self._path, self._entrance = path, socket.socket(socket.AF_UNIX)
        mask = os.umask(0o177)
        try:
            self._entrance.bind(str(path))
        finally:
            os.umask(mask)
        self._entrance.listen()
        self._entrance.setblocking(False)
        asyncio.get_running_loop().add_reader(self._entrance, self._accept, self._entrance)
        self._await_server()

    def take(self, server: socket.socket) -> None:
        """Greet `server`, and do what it sends from now on."""
        server.setblocking(False)
        with suppress(OSError):  # it is gone already, perhaps with a command
            descriptors = [sock.fileno() for sock in self._listening]
            socket.send_fds(server, [self._greeting], descriptors)
        self._servers.add(server)
        self._await_server()
        asyncio.get_running_loop().add_reader(server, self._read, server)

    def report(self, failure: Failure) -> None:
        """Tell the servers of a failure."""
        line = msgspec.json.encode(failure) + b"\n"
        for server in self._servers:
            with suppress(OSError):  # it has ended, or reads nothing
                server.send(line)

    def close(self) -> None:
        """Accept no further servers."""
        if self._entrance is not None and self._path is not None:
            asyncio.get_running_loop().remove_reader(self._entrance)
            self._entrance.close()
            self._path.unlink(missing_ok=True)
            self._entrance = None

    def _accept(self, entrance: socket.socket) -> None:
        with suppress(BlockingIOError, ConnectionAbortedError):
            self.take(entrance.accept()[0])

    def _read(self, server: socket.socket) -> None:
        try:
            command = server.recv(1)
        except ConnectionError:
            command = b""
        if command == END:
            self._end()
        elif command == DRAIN:
            self.close()
            self._drain()
            with suppress(OSError):
                server.send(DRAIN)
        elif command == RELOAD:
            self._reload()
        elif not command:
            self._forget(server)

    def _forget(self, server: socket.socket) -> None:
        asyncio.get_running_loop().remove_reader(server)
        self._servers.discard(server)
        server.close()
        self._await_server()

    def _await_server(self) -> None:
        """End after a while if no server is connected."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        if not self._servers:
            loop = asyncio.get_running_loop()
            self._waiting = loop.call_later(WITHOUT_SERVER, self._end)
