"""Posts what programs send to the address of a hook: /hook/CODE.

The code is asked about before the rest is read, so that strangers fill no disk, and before a
request counts, so that they keep nobody else's waiting.
"""

import asyncio
import hashlib
import math
import re
from collections import Counter
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from typing import Final

from aiohttp import web

from chat_shared import messages as m
from chat_shared.errors import ChatError, Code
from chat_shared.limits import MAX_CHUNK
from chat_shared.proxy_header import Origin
from chat_tui.gateway.server_link import ServerLink
from chat_tui.gateway.web.hook_content import BadContent, Content, SentFile, read_content

_PATH: Final = re.compile(r"/hook/(?P<code>[\w-]{1,64})", re.ASCII)

MAX_AT_ONCE: Final = 16  # requests to hooks
MAX_BY_CODE: Final = 4  # of those, with one code
# Seconds for a request, files included: ten of the largest take a slow camera's line that long.
POST_WITHIN: Final = 300.0

_RETRY_AFTER: Final = 5  # seconds
_POSTED: Final = "Posted.\n"
_BUSY: Final = "Too much is being posted at this moment. Try again in a few seconds.\n"
_AWAY: Final = "The chat server can't be reached. Try again in a few seconds.\n"
_ONLY_POST: Final = "This is for programs, which POST to it. To try it: curl -d 'done' URL\n"
_STATUSES: Final = {Code.BAD_TOKEN: 404, Code.TOO_LONG: 413, Code.INTERNAL: 503}


class _BusyError(Exception):
    """Too many requests are being posted."""


class _Refusal(Exception):
    """The server has refused a request."""

    def __init__(self, error: m.Error) -> None:
        super().__init__(error.message)
        self.error = error


@dataclass(eq=False)
class HookPosts:
    """The hooks of the server at the socket `server`."""

    server: Path
    _by_code: Counter[str] = field(default_factory=Counter)  # requests that are being posted

    @staticmethod
    def code_in(path: str) -> str:
        """Return the code in the path of a request; empty if that leads to no hook."""
        match = _PATH.fullmatch(path)
        return match["code"] if match else ""

    async def respond(self, request: web.BaseRequest, code: str, address: str) -> web.Response:
        """Post what a program at `address` sends to the hook with this code."""
        if request.method != "POST":
            return _sentence(405, _ONLY_POST, Allow="POST")
        try:
            async with asyncio.timeout(POST_WITHIN):
                await self._post(request, code, address)
        except BadContent as exc:
            return _sentence(exc.status, f"{exc}")
        except _Refusal as exc:
            return _refused(exc.error)
        except _BusyError:
            return _sentence(503, _BUSY, **_retry(_RETRY_AFTER))
        except (OSError, TimeoutError, ChatError):
            return _sentence(503, _AWAY, **_retry(_RETRY_AFTER))
        return _sentence(200, _POSTED)

    async def _post(self, request: web.BaseRequest, code: str, address: str) -> None:
        origin = Origin(address, "web")
        async with self._opened(code, origin) as (_, hello, _):
            max_file = hello.max_file
        with self._counted(code), ExitStack() as stack:
            await _continue(request)
            content = await read_content(request, max_file, stack)
            async with self._opened(code, origin) as (link, _, hook):
                await _send(link, hook.room, content, _nonce(request))

    @contextmanager
    def _counted(self, code: str) -> Generator[None]:
        """Count a request during the block. Raises _BusyError."""
        if self._by_code[code] >= MAX_BY_CODE or self._by_code.total() >= MAX_AT_ONCE:
            raise _BusyError
        self._by_code[code] += 1
        try:
            yield
        finally:
            self._by_code[code] -= 1
            self._by_code += Counter()  # without those that have none

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


async def _send(link: ServerLink, room: str, content: Content, nonce: str) -> None:
    uploads: list[int] = []
    try:
        for file in content.files:
            uploads += [await _upload(link, room, file)]
        post = m.Post(room, content.text, nonce, files=tuple(uploads), id=m.UNNUMBERED)
        await _granted(link, post)
    except _Refusal:
        await _cancel(link, uploads)
        raise
    await _cancel(link, uploads)  # of a request that was repeated; of others, nothing is left


async def _cancel(link: ServerLink, uploads: Sequence[int]) -> None:
    """Remove what no message has. A hook has few such uploads, and they stay for a day."""
    for upload in uploads:
        await link.ask(m.CancelUpload(upload, id=m.UNNUMBERED))


async def _upload(link: ServerLink, room: str, file: SentFile) -> int:
    begun = m.Upload(room, file.name, file.size, file.sha256, id=m.UNNUMBERED)
    state = await _granted(link, begun)
    assert isinstance(state, m.UploadState)
    while state.at < file.size:
        file.content.seek(state.at)
        data = file.content.read(MAX_CHUNK)
        chunk = m.SendChunk(state.upload, state.at, data, id=m.UNNUMBERED)
        state = await _granted(link, chunk, patient=True)
        assert isinstance(state, m.UploadState)
    return state.upload


async def _granted(link: ServerLink, request: m.Request, *, patient: bool = False) -> m.Reply:
    """Return the reply that grants `request`; if `patient`, wait while the server says so.

    Raises _Refusal.
    """
    while isinstance(reply := await link.ask(request), m.Error):
        if not (patient and reply.code == Code.TOO_FAST and reply.retry_after):
            raise _Refusal(reply)
        await asyncio.sleep(reply.retry_after)
    return reply


def _nonce(request: web.BaseRequest) -> str:
    """Return the nonce of a message: the same for a request that is repeated, if it says so."""
    key = request.headers.get("Idempotency-Key")
    return hashlib.sha256(key.encode()).hexdigest() if key else token_urlsafe(24)


def _refused(error: m.Error) -> web.Response:
    sentence = f"{error.message}\n"
    if error.retry_after:
        status = 503 if error.code == Code.INTERNAL else 429
        return _sentence(status, sentence, **_retry(error.retry_after))
    return _sentence(_STATUSES.get(Code(error.code), 400), sentence)


def _retry(seconds: float) -> dict[str, str]:
    return {"Retry-After": f"{math.ceil(seconds)}"}


def _sentence(status: int, text: str, **headers: str) -> web.Response:
    return web.Response(status=status, text=text, headers=headers)
