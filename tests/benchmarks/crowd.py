"""Many connections to one server: opened, logged in, seated in rooms, kept alive.

Nothing here is on the hot path. One epoll watches everybody, also those who wait for nothing, so
that no server sees a slow reader while a crowd gathers.
"""

import select
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.connections import WOULD_BLOCK, Connection, Stream, connect
from benchmarks.dialects import Dialect
from benchmarks.machine import NotMeasured

#: Seconds that a whole crowd may take to gather before the server counts as stuck.
_GATHERING_DEADLINE = 60.0

#: Seconds without a byte after which everything that joining caused is taken to be said.
_SILENCE = 0.2

#: Bytes read at a time, and kept at most of an answer.
_CHUNK = 1 << 16

_CLOSED = b"ERROR :closed by the server"


#: Seconds after which everybody says a word between two steps; a step may take a minute, and
#: whoever is silent for a minute and a half is taken to be gone.
_QUIET_FOR_LONG = 20.0


@dataclass(frozen=True)
class Seating:
    """Who takes part: so many connections, and which of them, by number, are in which room."""

    size: int
    rooms: Mapping[str, range] = field(default_factory=dict)
    #: Those who sit on a thin line and read slowly.
    thin: range = range(0)


@dataclass(frozen=True)
class Address:
    """Where a crowd connects to, and how one speaks there."""

    port: int
    dialect: Dialect
    tls: ssl.SSLContext | None = None
    #: How many may wait for an answer at the same time while a crowd gathers.
    at_once: int = 200


class Crowd:
    """Connections that are logged in, in the order of their numbers."""

    def __init__(self, address: Address, thin: range = range(0)) -> None:
        self.address = address
        self.connections: list[Connection] = []
        self._thin = thin
        self._spoke_at = time.monotonic()
        self._buffer = memoryview(bytearray(_CHUNK))
        self._epoll = select.epoll()
        self._by_fd: dict[int, Connection] = {}

    def open(self, count: int, *, at_once: int = 0) -> list[str]:
        """Connect and log in `count` more; return the words of those who were refused.

        `at_once` is how many may wait for an answer together, if not as many as usual.
        """
        dialect = self.address.dialect
        first = len(self.connections)
        strangers = (self._connect(number) for number in range(first, first + count))
        return self._converse(
            strangers, dialect.login, dialect.logged_in, at_once or self.address.at_once
        )

    def join(self, room: str, members: Iterable[Connection]) -> None:
        """Bring `members` into `room`; raises NotMeasured where one is refused."""
        dialect = self.address.dialect
        frame = dialect.join(room)
        if not frame:
            return
        refusals = self._converse(
            iter(members), lambda _: frame, dialect.joined, self.address.at_once
        )
        if refusals:
            raise NotMeasured(f"{len(refusals)} could not join: {refusals[0]}")

    def settle(self) -> None:
        """Read until nothing has come for a moment, and forget what it was."""
        while any(True for _ in self._heard(_SILENCE)):
            pass
        for connection in self.connections:
            connection.tail = b""
            connection.deliveries = 0

    def keep_alive(self) -> None:
        """Let everyone speak if it is long ago: servers close who is silent for too long."""
        if time.monotonic() - self._spoke_at < _QUIET_FOR_LONG:
            return
        self._spoke_at = time.monotonic()
        for connection in self.connections:
            connection.say(self.address.dialect.ping)
        self.settle()

    def has_lost(self, connection: Connection) -> bool:
        """Return whether the server was found to have closed `connection`."""
        return connection.stream.fileno() not in self._by_fd

    def come_back(self, connection: Connection) -> None:
        """Log `connection` in once more, on a new stream, after it was cut off."""
        self._forget(connection)
        connection.stream.close()
        connection.stream = self._stream(connection.number)
        self._watch(connection)
        dialect = self.address.dialect
        refusals = self._converse(iter([connection]), dialect.login, dialect.logged_in, 1)
        if refusals:
            raise NotMeasured(f"could not come back: {refusals[0]}")

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
        return connect(self.address.port, tls=self.address.tls, thin=number in self._thin)

    def _watch(self, connection: Connection) -> None:
        fd = connection.stream.fileno()
        self._by_fd[fd] = connection
        self._epoll.register(fd, select.EPOLLIN)

    def _forget(self, connection: Connection) -> None:
        if self._by_fd.pop(connection.stream.fileno(), None) is not None:
            self._epoll.unregister(connection.stream.fileno())

    def _converse(
        self,
        speakers: Iterator[Connection],
        frame_for: Callable[[int], bytes],
        expected: bytes,
        at_once: int,
    ) -> list[str]:
        """Let each speaker say their frame and wait for `expected`; return the refusals."""
        waiting: set[Connection] = set()
        refusals: list[str] = []
        deadline = time.monotonic() + _GATHERING_DEADLINE
        left = True
        while left or waiting:
            if left:
                left = self._let_in(speakers, waiting, frame_for, at_once)
            for connection, heard in self._heard(0.05):
                if connection in waiting and self._answered(connection, heard, expected, refusals):
                    waiting.discard(connection)
            if time.monotonic() > deadline:
                raise NotMeasured(f"{len(waiting)} connections were not answered")
        return refusals

    def _let_in(
        self,
        speakers: Iterator[Connection],
        waiting: set[Connection],
        frame_for: Callable[[int], bytes],
        at_once: int,
    ) -> bool:
        """Start conversations up to the limit; return whether somebody is left to start."""
        while len(waiting) < at_once:
            connection = next(speakers, None)
            if connection is None:
                return False
            connection.tail = b""
            connection.unsaid = frame_for(connection.number)
            self._epoll.modify(connection.stream.fileno(), select.EPOLLIN | select.EPOLLOUT)
            waiting.add(connection)
        return True

    def _heard(self, patience: float) -> Iterator[tuple[Connection, bytes]]:
        """Read once from whoever was told something; let those speak who have something unsaid."""
        for fd, event in self._epoll.poll(patience):
            connection = self._by_fd[fd]
            if event & select.EPOLLOUT:
                self._epoll.modify(fd, select.EPOLLIN)
                connection.say(connection.unsaid)
            if event & ~select.EPOLLOUT:
                yield connection, self._read(connection)

    def _read(self, connection: Connection) -> bytes:
        """Return what is there; of a connection that ended, `ERROR :closed by the server`."""
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
        self, connection: Connection, heard: bytes, expected: bytes, refusals: list[str]
    ) -> bool:
        connection.tail = answer = (connection.tail + heard)[-_CHUNK:]
        if expected in answer:
            return True
        if any(words in answer for words in (_CLOSED, *self.address.dialect.refusals)):
            refusals.append(answer[-200:].decode(errors="replace"))
            return True
        return False


def spread(members: Sequence[Connection], count: int) -> list[Connection]:
    """Return `count` of `members`, evenly spaced, so that no server's order of writing counts."""
    step = len(members) / count
    return [members[int(index * step)] for index in range(count)]
