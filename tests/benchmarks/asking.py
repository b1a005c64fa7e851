"""One connection that sends a request and waits for its answer, to time single requests."""

import contextlib
import json
import socket
from collections.abc import Iterator
from typing import Any

from benchmarks.machine import NotMeasured

#: Seconds that an answer may take.
_TIMEOUT = 30.0


class Asker:
    """A client of our protocol, one request at a time; events are discarded."""

    def __init__(self, connection: socket.socket) -> None:
        self._lines = connection.makefile("rwb")
        self._number = 0
        self._lines.readline()  # `hello`

    def ask(self, kind: str, **fields: object) -> dict[str, Any]:
        """Return the answer. Raises NotMeasured if it is an error."""
        self._number += 1
        self._lines.write(json.dumps({"type": kind, "id": self._number, **fields}).encode() + b"\n")
        self._lines.flush()
        for line in self._lines:
            frame: dict[str, Any] = json.loads(line)
            if frame.get("re") == self._number:
                if frame["type"] == "error":
                    raise NotMeasured(f"{kind}: {frame['message']}")
                return frame
        raise NotMeasured(f"{kind}: the server closed the connection")


@contextlib.contextmanager
def asking(port: int) -> Iterator[Asker]:
    """Connect to 127.0.0.1 while the block runs."""
    with socket.create_connection(("127.0.0.1", port), _TIMEOUT) as connection:
        yield Asker(connection)
