"""The HTTP/1.1 endpoint for Prometheus: one GET of /metrics per connection.

Importing it needs the extra `trialogue[metrics]`.
"""

from collections.abc import Awaitable, Callable
from typing import Final

import h11
import structlog
import trio

from chat_server.errors import UnusableStoreError
from chat_server.protocols.metrics import CONTENT_TYPE
from chat_server.store.api import StoreError
from chat_shared.addresses import is_loopback

log = structlog.get_logger()

_DEADLINE: Final = 10.0  # seconds for a request and its response: as long as Prometheus waits
# Seconds for the request alone, which Prometheus sends at once.
REQUEST_DEADLINE: Final = 2.0
_READ: Final = 4 * 1024  # bytes; h11 refuses a request of more than 16 kB


class MetricsEndpoint:
    """A connection handler that answers with the metrics that `exposition` returns."""

    def __init__(self, exposition: Callable[[], Awaitable[bytes]]) -> None:
        self._exposition = exposition

    async def __call__(self, stream: trio.abc.Stream) -> None:
        async with stream:
            with trio.move_on_after(_DEADLINE):
                try:
                    await self._answer(stream)
                except (h11.ProtocolError, trio.BrokenResourceError) as exc:
                    log.info("invalid metrics request", reason=type(exc).__name__)
                except Exception:  # must not affect other connections
                    log.exception("metrics request crashed")

    async def _answer(self, stream: trio.abc.Stream) -> None:
        connection = h11.Connection(h11.SERVER)
        request = None
        with trio.move_on_after(REQUEST_DEADLINE):
            request = await _read_request(connection, stream)
        if request is None:
            return
        status, body = await self._body(request)
        headers = [
            ("Content-Type", CONTENT_TYPE),
            ("Content-Length", str(len(body))),
            ("Connection", "close"),
        ]
        response = h11.Response(status_code=status, headers=headers)
        for event in response, h11.Data(data=body), h11.EndOfMessage():
            await stream.send_all(connection.send(event) or b"")

    async def _body(self, request: h11.Request) -> tuple[int, bytes]:
        if not _is_this_machine(dict(request.headers).get(b"host", b"")):
            return 421, b"Ask for localhost or 127.0.0.1.\n"
        if request.target.partition(b"?")[0] != b"/metrics":
            return 404, b"Metrics are at /metrics.\n"
        if request.method != b"GET":
            return 405, b"Only GET is supported.\n"
        try:
            return 200, await self._exposition()
        except (StoreError, UnusableStoreError):
            return 503, b"The database cannot be read.\n"


def _is_this_machine(host: bytes) -> bool:
    """Return whether `host` (with a port or without) names this machine.

    A web page that has its own name resolved to 127.0.0.1 (DNS rebinding) sends another one.
    """
    name = host.rpartition(b":")[0] if host.rpartition(b":")[2].isdigit() else host
    return is_loopback(name.decode("latin-1").strip("[]"))


async def _read_request(connection: h11.Connection, stream: trio.abc.Stream) -> h11.Request | None:
    """Return the request, or None if the peer disconnects without one."""
    while True:
        event = connection.next_event()
        if isinstance(event, h11.Request):
            return event
        if event is not h11.NEED_DATA:
            return None
        connection.receive_data(bytes(await stream.receive_some(_READ)))
