"""Many connections to one server: opened, logged in, seated in rooms, kept alive.

Nothing here is on the hot path. One epoll watches all connections, even those that wait for
nothing, so that no server sees a slow reader while a crowd connects.
"""

import select
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.connections import LOOPBACK, WOULD_BLOCK, Connection, Stream, connect
from benchmarks.dialects import Dialect
from benchmarks.machine import NotMeasured

#: Seconds for a whole crowd to connect before the server counts as stuck.
_CONNECT_DEADLINE = 60.0

#: Seconds without a byte after which all events of joining are taken to have arrived.
_SILENCE = 0.2

#: Bytes per read, and the most that is kept of an answer.
_CHUNK = 1 << 16

_CLOSED = b"ERROR :closed by the server"

#: Seconds after which all connections send a ping between two steps: a step may take a minute,
#: and servers close connections that are silent for a minute and a half.
_PING_AFTER = 20.0


@dataclass(frozen=True)
class Seating:
    """The clients of a workload: how many, and which numbers are in which room."""

    size: int
    rooms: Mapping[str, range] = field(default_factory=dict)
    #: Clients with a slow connection that read slowly.
    thin: range = range(0)
    #: The address of the loopback that they connect to.
    host: str = LOOPBACK


@dataclass(frozen=True)
class Address:
    """Where a crowd connects, and in which dialect."""

    port: int
    dialect: Dialect
    tls: ssl.SSLContext | None = None
    #: How many may wait for an answer at the same time while a crowd connects.
    at_once: int = 200
    host: str = LOOPBACK


class Crowd:
    """Connections that are logged in, in the order of their numbers."""

    def __init__(self, address: Address, thin: range = range(0)) -> None:
        self.address = address
        self.connections: list[Connection] = []
        self._thin = thin
        self._pinged_at = time.monotonic()
        self._buffer = memoryview(bytearray(_CHUNK))
        self._epoll = select.epoll()
        self._by_fd: dict[int, Connection] = {}

    def open(self, count: int, *, at_once: int = 0) -> list[str]:
        """Connect and log in `count` more; return the refusals that clients received.

        `at_once` limits how many wait for an answer together, instead of the usual number.
        """
        dialect = self.address.dialect
        first = len(self.connections)
        connecting = (self._connect(number) for number in range(first, first + count))
        return self._exchange(
            connecting, dialect.login, dialect.logged_in, at_once or self.address.at_once
        )

    def join(self, room: str, members: Iterable[Connection]) -> None:
        """Let `members` join `room`. Raises NotMeasured if one is refused."""
        dialect = self.address.dialect
        frame = dialect.join(room)
        if not frame:
            return
        refusals = self._exchange(
            iter(members), lambda _: frame, dialect.joined, self.address.at_once
        )
        if refusals:
            raise NotMeasured(f"{len(refusals)} could not join: {refusals[0]}")

    def settle(self) -> None:
        """Read until nothing arrives for a moment, and discard it."""
        while any(True for _ in self._received(_SILENCE)):
            pass
        for connection in self.connections:
            connection.tail = b""
            connection.deliveries = 0

    def keep_alive(self) -> None:
        """Send a ping on every connection if the last is long ago, or servers close them."""
        if time.monotonic() - self._pinged_at < _PING_AFTER:
            return
        self._pinged_at = time.monotonic()
        for connection in self.connections:
            connection.send(self.address.dialect.ping)
        self.settle()

    def has_lost(self, connection: Connection) -> bool:
        """Return whether the server was found to have closed `connection`."""
        return connection.stream.fileno() not in self._by_fd

    def reconnect(self, connection: Connection) -> None:
        """Log `connection` in again, on a new stream, after it was closed."""
        self._forget(connection)
        connection.stream.close()
        connection.stream = self._stream(connection.number)
        self._watch(connection)
        dialect = self.address.dialect
        refusals = self._exchange(iter([connection]), dialect.login, dialect.logged_in, 1)
        if refusals:
            raise NotMeasured(f"could not reconnect: {refusals[0]}")

    def close(self) -> None:
        """Close every connection."""
        for connection in self.connections:
            connection.stream.close()
        self._epoll.close()

    def _connect(self, number: int) -> Connection:
        connection = Connection(number, self._stream(number))
        self.connections.append(connection)
        self._watch(connection)
        return connection

    def _stream(self, number: int) -> Stream:
        address = self.address
        thin = number in self._thin
        return connect(address.port, host=address.host, tls=address.tls, thin=thin)

    def _watch(self, connection: Connection) -> None:
        fd = connection.stream.fileno()
        self._by_fd[fd] = connection
        self._epoll.register(fd, select.EPOLLIN)

    def _forget(self, connection: Connection) -> None:
        if self._by_fd.pop(connection.stream.fileno(), None) is not None:
            self._epoll.unregister(connection.stream.fileno())

    def _exchange(
        self,
        connections: Iterator[Connection],
        frame_for: Callable[[int], bytes],
        expected: bytes,
        at_once: int,
    ) -> list[str]:
        """Send a frame on each connection and wait for `expected`; return the refusals."""
        waiting: set[Connection] = set()
        refusals: list[str] = []
        deadline = time.monotonic() + _CONNECT_DEADLINE
        left = True
        while left or waiting:
            if left:
                left = self._send_next(connections, waiting, frame_for, at_once)
            for connection, data in self._received(0.05):
                if connection in waiting and self._answered(connection, data, expected, refusals):
                    waiting.discard(connection)
            if time.monotonic() > deadline:
                raise NotMeasured(f"{len(waiting)} connections were not answered")
        return refusals

    def _send_next(
        self,
        connections: Iterator[Connection],
        waiting: set[Connection],
        frame_for: Callable[[int], bytes],
        at_once: int,
    ) -> bool:
        """Start exchanges up to the limit; return whether any is left to start."""
        while len(waiting) < at_once:
            connection = next(connections, None)
            if connection is None:
                return False
            connection.tail = b""
            connection.unsent = frame_for(connection.number)
            self._epoll.modify(connection.stream.fileno(), select.EPOLLIN | select.EPOLLOUT)
            waiting.add(connection)
        return True

    def _received(self, timeout: float) -> Iterator[tuple[Connection, bytes]]:
        """Send unsent frames, and read once from each connection that received something."""
        for fd, event in self._epoll.poll(timeout):
            connection = self._by_fd[fd]
            if event & select.EPOLLOUT:
                self._epoll.modify(fd, select.EPOLLIN)
                connection.send(connection.unsent)
            if event & ~select.EPOLLOUT:
                yield connection, self._read(connection)

    def _read(self, connection: Connection) -> bytes:
        """Return what has arrived, or `ERROR :closed by the server` if it was closed."""
        try:
            size = connection.stream.recv_into(self._buffer)
        except WOULD_BLOCK:
            return b""
        except OSError:
            size = 0
        if not size:
            self._forget(connection)
            return _CLOSED
        return bytes(self._buffer[:size])

    def _answered(
        self, connection: Connection, data: bytes, expected: bytes, refusals: list[str]
    ) -> bool:
        connection.tail = answer = (connection.tail + data)[-_CHUNK:]
        if expected in answer:
            return True
        if any(text in answer for text in (_CLOSED, *self.address.dialect.refusals)):
            refusals.append(answer[-200:].decode(errors="replace"))
            return True
        return False


def spread(members: Sequence[Connection], count: int) -> list[Connection]:
    """Return `count` of `members`, evenly spaced, so that no server's order of writing counts."""
    step = len(members) / count
    return [members[int(index * step)] for index in range(count)]
