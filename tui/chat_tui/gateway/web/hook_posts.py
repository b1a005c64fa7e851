"""Posts what programs send to the address of a hook: /hook/CODE.

The code is asked about before the rest is read, so that strangers fill no disk, and before a
request counts, so that they keep nobody else's waiting.
"""

import asyncio
import hashlib
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from secrets import token_urlsafe
from typing import Final

from aiohttp import web

from chat_shared import messages as m
from chat_shared.errors import ChatError, Code
from chat_shared.limits import MAX_CHUNK
from chat_shared.proxy_header import Origin
from chat_tui.gateway.server_link import ServerLink
from chat_tui.gateway.web.hook_content import Content, read_content
from chat_tui.gateway.web.hook_refusal import HookRefusal, away, busy
from chat_tui.gateway.web.hook_spool import Spool, SpooledFile

_PATH: Final = re.compile(r"/hook/(?P<code>[\w-]{1,64})", re.ASCII)

MAX_AT_ONCE: Final = 16  # requests to hooks
MAX_BY_CODE: Final = 4  # of those, with one code
# Seconds for a request, files included: ten of the largest take a slow camera's line that long.
POST_WITHIN: Final = 300.0

_POSTED: Final = "Posted.\n"
_ONLY_POST: Final = "This is for programs, which POST to it. To try it: curl -d 'done' URL\n"
_STATUSES: Final = {
    Code.BAD_TOKEN: 404,
    Code.TOO_LONG: 413,
    Code.TOO_FAST: 429,
    Code.SERVER_FULL: 503,
    Code.SHUTTING_DOWN: 503,
    Code.INTERNAL: 503,
}


@dataclass(eq=False)
class _Code:
    """The requests with one code that are answered."""

    requests: int = 0
    # Files are sent one request after the other: two that send the same file would share an upload.
    sending: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(eq=False)
class HookPosts:
    """The hooks of the server at the socket `server`."""

    server: Path
    _codes: dict[str, _Code] = field(default_factory=dict)
    _posting: int = 0  # requests whose code is good
    _spool: Spool = field(default_factory=Spool)

    @staticmethod
    def code_in(path: str) -> str:
        """Return the code in the path of a request; empty if that leads to no hook."""
        match = _PATH.fullmatch(path)
        return match["code"] if match else ""

    async def respond(self, request: web.BaseRequest, code: str, address: str) -> web.Response:
        """Post what a program at `address` sends to the hook with this code."""
        if request.method != "POST":
            return web.Response(status=405, text=_ONLY_POST, headers={"Allow": "POST"})
        try:
            async with asyncio.timeout(POST_WITHIN):
                await self._post(request, code, address)
        except HookRefusal as exc:
            return exc.response()
        except TimeoutError:
            sentence = f"This request took longer than {POST_WITHIN:.0f} seconds."
            return HookRefusal(408, sentence).response()
        except (OSError, ChatError):
            return away().response()
        return web.Response(text=_POSTED)

    async def _post(self, request: web.BaseRequest, code: str, address: str) -> None:
        with self._turn_of(code) as sending:
            async with self._opened(code, Origin(address, "web")) as (link, hello, hook):
                with self._turn(), self._spool.share(code) as share:
                    await _continue(request)
                    read = partial(read_content, request, hello.max_file, share)
                    nonce = _nonce(request)
                    await link.keep_open(_pass_on(link, hook.room, read, nonce, sending))

    @contextmanager
    def _turn_of(self, code: str) -> Generator[asyncio.Lock]:
        """Count a request with this code during the block. Raises HookRefusal."""
        at = self._codes.get(code) or _Code()
        if at.requests >= MAX_BY_CODE:
            raise busy()
        self._codes[code] = at
        at.requests += 1
        try:
            yield at.sending
        finally:
            at.requests -= 1
            if not at.requests:
                del self._codes[code]

    @contextmanager
    def _turn(self) -> Generator[None]:
        """Count a request whose code is good during the block. Raises HookRefusal."""
        if self._posting >= MAX_AT_ONCE:
            raise busy()
        self._posting += 1
        try:
            yield
        finally:
            self._posting -= 1

    @asynccontextmanager
    async def _opened(
        self, code: str, origin: Origin
    ) -> AsyncGenerator[tuple[ServerLink, m.Hello, m.HookOpened]]:
        link = ServerLink(self.server, origin)
        try:
            hello = await link.open()
            hook = await _granted(link, m.OpenHook(code, id=m.UNNUMBERED))
            assert isinstance(hook, m.HookOpened)
            yield link, hello, hook
        finally:
            link.close()


async def _continue(request: web.BaseRequest) -> None:
    """Let a program send the rest that waits to be asked for it, as curl does with files."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")


async def _pass_on(
    link: ServerLink,
    room: str,
    read: Callable[[], Awaitable[Content]],
    nonce: str,
    sending: asyncio.Lock,
) -> None:
    """Post what `read` returns."""
    content = await read()
    if content.files:
        async with sending:
            await _send_files(link, room, content, nonce)
    else:
        await _granted(link, m.Post(room, content.text, nonce, id=m.UNNUMBERED))


async def _send_files(link: ServerLink, room: str, content: Content, nonce: str) -> None:
    uploads: dict[int, None] = {}  # in order, and each once: the same file again is the same upload
    try:
        for file in content.files:
            uploads[await _upload(link, room, file)] = None
        post = m.Post(room, content.text, nonce, files=tuple(uploads), id=m.UNNUMBERED)
        await _granted(link, post)
    except HookRefusal:
        await _cancel(link, uploads)
        raise
    await _cancel(link, uploads)  # of a request that was repeated; of others, nothing is left


async def _cancel(link: ServerLink, uploads: Iterable[int]) -> None:
    """Remove what no message has. A hook has few such uploads, and they stay for a day."""
    for upload in uploads:
        await link.ask(m.CancelUpload(upload, id=m.UNNUMBERED))


async def _upload(link: ServerLink, room: str, file: SpooledFile) -> int:
    begun = m.Upload(room, file.name, file.size, file.sha256, id=m.UNNUMBERED)
    state = await _granted(link, begun)
    assert isinstance(state, m.UploadState)
    while state.at < file.size:
        data = file.read(state.at, MAX_CHUNK)
        chunk = m.SendChunk(state.upload, state.at, data, id=m.UNNUMBERED)
        state = await _granted(link, chunk, patient=True)
        assert isinstance(state, m.UploadState)
    return state.upload


async def _granted(link: ServerLink, request: m.Request, *, patient: bool = False) -> m.Reply:
    """Return the reply that grants `request`; if `patient`, wait while the server says so.

    Raises HookRefusal.
    """
    while isinstance(reply := await link.ask(request), m.Error):
        if not (patient and reply.code == Code.TOO_FAST and reply.retry_after):
            raise _refused(reply)
        await asyncio.sleep(reply.retry_after)
    return reply


def _nonce(request: web.BaseRequest) -> str:
    """Return the nonce of a message: the same for a request that is repeated, if it says so."""
    key = request.headers.get("Idempotency-Key", "").encode(errors="surrogateescape")  # any bytes
    return hashlib.sha256(key).hexdigest() if key else token_urlsafe(24)


def _refused(error: m.Error) -> HookRefusal:
    status = _STATUSES.get(Code(error.code), 400)
    return HookRefusal(status, error.message, error.retry_after or 0)
