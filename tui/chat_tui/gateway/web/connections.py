"""Accepts a browser's connections: few from one address, and none that does nothing for long.

A browser opens six to load a page, and keeps one for as long as the chat is open.
"""

import asyncio
import errno
import logging
import socket
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from aiohttp.http import HttpProcessingError

from chat_shared.addresses import limit_address
from chat_tui.gateway.web.site import protect

# Connections in all: as many as there may be people, and as many again that load pages.
MAX_CONNECTIONS: Final = 400
# From one address: what the browsers of a classroom behind one router open.
MAX_PER_ADDRESS: Final = 120

# Seconds to establish TLS.
HANDSHAKE_DEADLINE: Final = 10.0
# Seconds in which a connection loads what it is for, or becomes one that lasts. Browsers open
# another one if they need it.
LOAD_DEADLINE: Final = 30.0

# Seconds for what is going on to end, when all connections are closed.
_END_WITHIN: Final = 1.0

# Bytes of a request's line and of each of its headers, and how many of those. Ours are short, but
# browsers send the cookies of whatever else has the same host.
_MAX_LINE: Final = 4096
_MAX_HEADER: Final = 8192
_MAX_HEADERS: Final = 64

_NOT_UNDERSTOOD: Final = "This request can't be answered. The chat is at /.\n"

# Seconds to wait when this process cannot open another file.
_PAUSE: Final = 1.0
_NO_FILES: Final = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


class _TooOftenError(OSError):
    """Too many connections of an address wait for their handshake."""


@dataclass(eq=False)
class _Connection:
    address: str
    deadline: asyncio.TimerHandle | None = None


class Connections:
    """The connections of one gateway, on all its listening sockets together."""

    def __init__(
        self,
        respond: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
        is_proxy: Callable[[str], bool],
        handshake_wait: Callable[[str], float | None],
    ) -> None:
        """Answer requests by `respond`. Many people may connect from where `is_proxy`.

        `handshake_wait` is that of the `Places`.
        """
        self._server = _Server(respond, self._forget)
        self._is_proxy = is_proxy
        self._handshake_wait = handshake_wait
        self._by_address: Counter[str] = Counter()
        self._open: dict[web.RequestHandler, _Connection] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, sock: socket.socket, context: Callable[[], ssl.SSLContext | None]) -> None:
        """Accept connections until cancelled, with the TLS that `context` returns, if any."""
        sock.setblocking(False)
        while True:
            accepted, address = await _accept(sock)
            host = address[0] if isinstance(address, tuple) else ""
            if not self._has_room(host):
                accepted.close()
                continue
            self._by_address[host] += 1
            task = asyncio.create_task(self._establish(accepted, host, context()))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def lasts(self, handler: web.RequestHandler) -> None:
        """The connection has become one that lasts, whose own limits apply from now on."""
        connection = self._open.get(handler)
        if connection is not None and connection.deadline is not None:
            connection.deadline.cancel()

    async def close(self) -> None:
        """Close all connections."""
        for task in self._tasks:
            task.cancel()
        for handler in self._server.connections:
            handler.force_close()
        await self._server.shutdown(_END_WITHIN)

    def _has_room(self, host: str) -> bool:
        is_one_person = bool(host) and not self._is_proxy(host)
        if is_one_person and self._by_address[host] >= MAX_PER_ADDRESS:
            return False
        return self._by_address.total() < MAX_CONNECTIONS

    async def _establish(
        self, sock: socket.socket, host: str, context: ssl.SSLContext | None
    ) -> None:
        connection = _Connection(host)
        loop = asyncio.get_running_loop()
        deadline = HANDSHAKE_DEADLINE if context else None
        try:
            if context is not None:
                await self._wait_turn(host)
            transport, handler = await loop.connect_accepted_socket(
                self._server, sock, ssl=context, ssl_handshake_timeout=deadline
            )
        except BaseException as exc:
            sock.close()
            self._count_out(connection)
            if not isinstance(exc, OSError):
                raise
            return
        if transport.is_closing():
            self._count_out(connection)
            return
        self._open[handler] = connection
        connection.deadline = loop.call_later(LOAD_DEADLINE, transport.abort)

    async def _wait_turn(self, host: str) -> None:
        """Wait until a connection may begin its handshake. Raises _TooOftenError if it may not."""
        wait = 0.0 if self._is_proxy(host) else self._handshake_wait(limit_address(host))
        if wait is None:
            raise _TooOftenError
        await asyncio.sleep(wait)

    def _forget(self, handler: web.RequestHandler) -> None:
        """A connection has ended."""
        connection = self._open.pop(handler, None)
        if connection is None:
            return
        if connection.deadline is not None:
            connection.deadline.cancel()
        self._count_out(connection)

    def _count_out(self, connection: _Connection) -> None:
        self._by_address[connection.address] -= 1
        if not self._by_address[connection.address]:
            del self._by_address[connection.address]


class _Server(web.Server):
    """Speaks HTTP, and tells when a connection has ended."""

    def __init__(
        self,
        respond: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
        ended: Callable[[web.RequestHandler], None],
    ) -> None:
        super().__init__(
            respond,
            access_log=None,
            logger=_logger(),
            keepalive_timeout=LOAD_DEADLINE,
            lingering_time=0.0,  # what follows a response is not read
            max_line_size=_MAX_LINE,
            max_field_size=_MAX_HEADER,
            max_headers=_MAX_HEADERS,
        )
        self._ended = ended

    def __call__(self) -> web.RequestHandler:
        return _Handler(self, loop=self._loop, **self._kwargs)

    def connection_lost(
        self, handler: web.RequestHandler, exc: BaseException | None = None
    ) -> None:
        super().connection_lost(handler, exc)
        self._ended(handler)


class _Handler(web.RequestHandler):
    """Answers what is no HTTP with a sentence of ours, and no word of what was sent."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        response = super().handle_error(request, status, exc, message)
        answer = web.Response(status=response.status, text=_NOT_UNDERSTOOD)
        answer.force_close()
        protect(answer)
        return answer


def _logger() -> logging.Logger:
    """Return a logger for errors of our own. Anyone could fill the log with bad requests."""
    logger = logging.getLogger(__name__)
    logger.addFilter(_is_of_our_own)
    return logger


def _is_of_our_own(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


async def _accept(sock: socket.socket) -> tuple[socket.socket, object]:
    loop = asyncio.get_running_loop()
    while True:
        try:
            return await loop.sock_accept(sock)
        except OSError as exc:  # most of them are of the connection, which is gone
            if exc.errno in _NO_FILES:
                await asyncio.sleep(_PAUSE)
