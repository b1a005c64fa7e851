"""The gateway's web server: puts its parts together, and listens."""

import asyncio
import logging
import socket
import ssl
from collections.abc import Sequence
from pathlib import Path

from aiohttp import web

from chat_tui.gateway.places import Places
from chat_tui.gateway.web.certificate import Certificate
from chat_tui.gateway.web.connections import Connections
from chat_tui.gateway.web.hook_posts import HookPosts
from chat_tui.gateway.web.origins import Network, Origins
from chat_tui.gateway.web.pages import Pages
from chat_tui.gateway.web.site import Site
from chat_tui.gateway.workers import Workers


class WebServer:
    """Serves the pages of the server `name`, which people open at `url`, and their clients."""

    def __init__(
        self,
        workers: Workers,
        places: Places,
        certificate: Certificate | None,
        server: Path,
        *,
        name: str,
        url: str,
        trusted: Sequence[Network],
    ) -> None:
        self._site = Site(workers, places, Pages(name), Origins(trusted, url), HookPosts(server))
        self._connections = Connections(
            self._respond,
            is_proxy=self._site.origins.trusts,
            handshake_wait=places.handshake_wait,
        )
        self._certificate = certificate
        self._listening: dict[socket.socket, asyncio.Task[None]] = {}

    def listen(self, sock: socket.socket, *, is_secure: bool) -> None:
        """Accept connections on `sock`, which listens; with TLS if `is_secure`."""
        context = self._context if is_secure else _no_context
        self._listening[sock] = asyncio.create_task(self._connections.run(sock, context))

    def stop_listening(self) -> None:
        """Accept no more connections."""
        for sock, task in self._listening.items():
            task.cancel()
            sock.close()
        self._listening.clear()

    async def close(self) -> None:
        """Close all connections."""
        self.stop_listening()
        await self._connections.close()

    def reload(self) -> None:
        """Load the certificate again, for new connections."""
        if self._certificate is None:
            return
        try:
            self._certificate.reload()
        except OSError as exc:  # replaced once more since the server has found it to be good
            logging.getLogger(__name__).error("certificate not reloaded: %s", exc)

    def _context(self) -> ssl.SSLContext:
        assert self._certificate is not None  # as there is an https:// address
        return self._certificate.context

    async def _respond(self, request: web.BaseRequest) -> web.StreamResponse:
        return await self._site.respond(request, self._connections.lasts)


def _no_context() -> None:
    """HTTP without TLS, from a web server that forwards it."""
