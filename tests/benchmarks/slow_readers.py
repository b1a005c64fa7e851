"""Members with slow connections, who read a little now and then during the load."""

import contextlib
import threading
from collections.abc import Iterator, Sequence

from benchmarks.connections import Connection

#: A slow reader takes this many bytes at this interval (seconds): 40 kB/s, far less than is sent.
_SLOW_BYTES = 4096
_SLOW_PERIOD = 0.1


@contextlib.contextmanager
def reading_slowly(connections: Sequence[Connection]) -> Iterator[None]:
    """Read a little from each of `connections`, now and then, while the block runs."""
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
            # The crowd finds closed connections after the round.
            with contextlib.suppress(OSError):
                connection.stream.recv_into(buffer)
