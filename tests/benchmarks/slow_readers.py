"""Members on thin lines, who read a little now and then while others are under load."""

import contextlib
import threading
from collections.abc import Iterator, Sequence

from benchmarks.connections import Connection

#: A slow reader takes so many bytes, so often (seconds): 40 kB/s, far less than is said.
_SLOW_BYTES = 4096
_SLOW_PERIOD = 0.1


@contextlib.contextmanager
def reading_slowly(connections: Sequence[Connection]) -> Iterator[None]:
    """Read a little from each of `connections`, now and then, while the block lasts."""
    done = threading.Event()
    thread = threading.Thread(target=_read_slowly, args=(connections, done))
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _read_slowly(connections: Sequence[Connection], done: threading.Event) -> None:
    buffer = memoryview(bytearray(_SLOW_BYTES))
    while not done.wait(_SLOW_PERIOD):
        for connection in connections:
            # Whoever was cut off is found by the crowd, after the round.
            with contextlib.suppress(OSError):
                connection.stream.recv_into(buffer)
