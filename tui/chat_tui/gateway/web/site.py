"""What may be asked for: two pages and their files, one WebSocket, files to save, and hooks."""

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from chat_tui.gateway.places import Places
from chat_tui.gateway.web.hook_posts import HookPosts
from chat_tui.gateway.web.origins import Origins, UnknownPersonError
from chat_tui.gateway.web.page_files import PageFiles
from chat_tui.gateway.web.pages import Pages
from chat_tui.gateway.web.session import Session, open_session
from chat_tui.gateway.workers import Workers

# Bytes of a message from a page: some full screens of pasted text, which pages send in parts.
MAX_MESSAGE: Final = 64 * 1024

# Seconds after which a silent connection is asked whether it is still there, and half of that
# again until it counts as cut: proxies close silent ones after a minute.
PING_EVERY: Final = 20.0

# Seconds for a page to answer that it has closed its connection.
_CLOSE_WITHIN: Final = 2.0

# Seconds for the rest of a request to arrive that has been answered already.
REST_WITHIN: Final = 2.0

_HEADERS: Final = {
    "Server": "Trialogue",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
# For everything that is no page, and so loads nothing.
_NOTHING: Final = "default-src 'none'; frame-ancestors 'none'"
_PAGES: Final = {"/": "terminal", "/plain": "plain"}
_FILE: Final = re.compile(r"/static/(?P<name>[\w./-]+)", re.ASCII)

_ANOTHER_ORIGIN: Final = (
    "This page is not allowed to connect. Open the chat by its own address; if you run the server, "
    "see --web-url.\n"
)
_ELSEWHERE: Final = "You opened this chat in another tab or window."


@dataclass(eq=False)
class Site:
    """Answers requests. The pages are the same for everyone; people differ by their WebSocket."""

    workers: Workers
    places: Places
    pages: Pages
    origins: Origins
    hooks: HookPosts
    files: PageFiles = field(default_factory=PageFiles)
    _sessions: dict[str, Session] = field(default_factory=dict)  # by ticket

    async def respond(
        self, request: web.BaseRequest, lasts: Callable[[web.RequestHandler], None]
    ) -> web.StreamResponse:
        """Answer one request. Call `lasts` if its connection becomes one that lasts."""
        path = self.origins.path_of(request.path)
        if path == "/socket":
            response = await self._socket(request, lasts)
        elif file := self.files.id_in(path):
            response = self._file(request, file, lasts)
        elif code := self.hooks.code_in(path):
            response = await self._hook(request, code, lasts)
        else:
            response = self._static(request, path)
        if not response.prepared:
            protect(response)
            if not request.content.is_eof():
                await _send_early(request, response)
        return response

    def _static(self, request: web.BaseRequest, path: str) -> web.Response:
        if request.method not in ("GET", "HEAD"):
            response = _sentence(405, "Only GET is possible here.\n")
            response.headers["Allow"] = "GET, HEAD"
            return response
        if not path:  # the links in the pages are relative to a path that ends with a slash
            folder = f"{self.origins.folder}/"
            response = _sentence(301, f"The chat is at {folder}.\n")
            response.headers["Location"] = folder
            return response
        if path in _PAGES:
            url = self.origins.page_for(is_secure=request.secure)
            return self.pages.page(_PAGES[path], url)
        match = _FILE.fullmatch(path)
        found = self.pages.file(match["name"], request.headers) if match else None
        return found or _sentence(404, "There is nothing here. The chat is at /.\n")

    async def _hook(
        self, request: web.BaseRequest, code: str, lasts: Callable[[web.RequestHandler], None]
    ) -> web.StreamResponse:
        """Post what a program sends."""
        try:
            address = self._address(request)
        except UnknownPersonError as exc:
            return _sentence(400, f"{exc}\n")
        lasts(request.protocol)  # the hooks have a deadline of their own
        response = await self.hooks.respond(request, code, address)
        response.force_close()  # what it would still send is not read
        return response

    def _file(
        self, request: web.BaseRequest, file: str, lasts: Callable[[web.RequestHandler], None]
    ) -> web.StreamResponse:
        """Send a file that someone saves."""
        response = self.files.respond(request, file)
        if response.status == 200:
            lasts(request.protocol)  # a file has a deadline of its own
        response.force_close()
        return response

    async def _socket(
        self, request: web.BaseRequest, lasts: Callable[[web.RequestHandler], None]
    ) -> web.StreamResponse:
        """Serve a page, to its end."""
        if not _is_handshake(request):
            return _sentence(400, "This is for the pages of the chat, which use a WebSocket.\n")
        if not self._allows(request):
            return _sentence(403, _ANOTHER_ORIGIN)
        try:
            address = self._address(request)
        except UnknownPersonError as exc:
            return _sentence(400, f"{exc}\n")
        socket = web.WebSocketResponse(
            max_msg_size=MAX_MESSAGE, heartbeat=PING_EVERY, compress=False, timeout=_CLOSE_WITHIN,
            autoping=False,  # a flood of pings would have no end
        )  # fmt: skip
        socket.headers.update(_HEADERS)
        await socket.prepare(request)
        session = await open_session(socket, request.transport, address, self.files)
        if session is not None:
            lasts(request.protocol)
            await self._serve(session)
        return socket

    def _allows(self, request: web.BaseRequest) -> bool:
        origin = request.headers.get("Origin", "")
        return self.origins.allow(origin, request.host, is_secure=request.secure)

    def _address(self, request: web.BaseRequest) -> str:
        """Return the person's address. Raises UnknownPersonError."""
        name = request.get_extra_info("peername")
        peer = str(name[0]) if isinstance(name, tuple) else None  # of a Unix socket, it is a text
        return self.origins.address(peer, request.headers.getall("X-Forwarded-For", ()))

    async def _serve(self, session: Session) -> None:
        """Serve a page, and end another one that has the same ticket: a copy, or one cut off."""
        earlier = self._sessions.get(session.ticket)
        if earlier is not None:  # before its client leaves it, which it would take for a failure
            earlier.will_end(0, _ELSEWHERE)
        await session.go_on(self.workers)
        if earlier is not None:
            earlier.end(0, _ELSEWHERE)
        self._sessions[session.ticket] = session
        try:
            await session.serve(self.workers, self.places)
        finally:
            if self._sessions.get(session.ticket) is session:
                del self._sessions[session.ticket]


async def _send_early(request: web.BaseRequest, response: web.StreamResponse) -> None:
    """Send a response before its whole request is there, and wait for the rest, unread.

    If the connection were closed at once, a program that still sends would see no more than that,
    and a proxy would tell it of a bad gateway.
    """
    response.force_close()
    await response.prepare(request)
    await response.write_eof()
    with suppress(TimeoutError, ConnectionError, web.RequestPayloadError):
        async with asyncio.timeout(REST_WITHIN):
            await request.content.wait_eof()


def protect(response: web.StreamResponse) -> None:
    """Allow a browser as little as possible to do with a response."""
    response.headers.setdefault("Content-Security-Policy", _NOTHING)
    response.headers.update(_HEADERS)


def _is_handshake(request: web.BaseRequest) -> bool:
    """Return whether a WebSocket can be opened; protocols of applications are not spoken."""
    headers = request.headers
    return (
        request.method == "GET"
        and headers.get("Upgrade", "").strip().lower() == "websocket"
        and "Sec-WebSocket-Protocol" not in headers
    )


def _sentence(status: int, text: str) -> web.Response:
    return web.Response(status=status, text=text)
