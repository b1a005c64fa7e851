"""Reads connections and counts deliveries, through one buffer for all of them."""

from typing import Final

from benchmarks.connections import WOULD_BLOCK, Connection
from benchmarks.machine import NotMeasured
from benchmarks.texts import MARKER

_READ_SIZE: Final = 1 << 20  # bytes that one read takes at most


class CutOff(NotMeasured):
    """The server closed a connection in the middle of the load."""

    def __init__(self, connection: Connection, reason: str) -> None:
        super().__init__(f"connection {connection.number} was cut off: {reason}")


class Reader:
    """Reads and counts deliveries through one buffer for all connections."""

    def __init__(self, marker: bytes = MARKER) -> None:
        self._marker = marker
        # A marker cut by the end of a read is found with the next read: this much is kept.
        self._keep = len(marker) - 1
        self._buffer = bytearray(self._keep + _READ_SIZE)
        self._view = memoryview(self._buffer)[self._keep :]

    def count(self, connection: Connection) -> None:
        """Count the deliveries that have arrived since the last call."""
        size = self._receive(connection)
        start, end = self._keep - len(connection.tail), self._keep + size
        self._buffer[start : self._keep] = connection.tail
        connection.deliveries += self._buffer.count(self._marker, start, end)
        connection.tail = bytes(self._buffer[max(start, end - self._keep) : end])

    def lines(self, connection: Connection) -> bytes:
        """Return the complete lines that have arrived, and count their deliveries.

        A connection is read either by `count` or by this: they keep different tails.
        """
        size = self._receive(connection)
        data = connection.tail + bytes(self._view[:size])
        end = data.rfind(b"\n") + 1
        connection.tail = data[end:]
        whole = data[:end]
        connection.deliveries += whole.count(self._marker)
        return whole

    def _receive(self, connection: Connection) -> int:
        try:
            size = connection.stream.recv_into(self._view)
        except WOULD_BLOCK:
            return 0
        except OSError as exc:
            raise CutOff(connection, str(exc)) from exc
        if not size:
            raise CutOff(connection, connection.tail.decode(errors="replace"))
        return size
