"""Files on their way from clients in workers to the pages in browsers: /files/ID, once each.

The id is a secret that only the page of the client is told. Nothing is shown in the browser: what
somebody has sent could be a page that acts in the name of the person who opens it.
"""

import asyncio
import re
from contextlib import suppress
from pathlib import Path
from secrets import token_urlsafe
from typing import Final
from urllib.parse import quote

from aiohttp import web

from chat_tui.gateway.frames import PassedFile

_PATH: Final = re.compile(r"/files/(?P<id>[\w-]{1,64})", re.ASCII)

# Files of one page that wait for it: it fetches each at once. The first is removed for one more.
MAX_WAITING: Final = 4

# Seconds for a page to take a file: the largest, over a slow line.
TAKE_WITHIN: Final = 300.0

_GONE: Final = "This file was saved already, or its chat has ended. Save it again there.\n"
_ONLY_GET: Final = "Only GET is possible here.\n"


class PageFiles:
    """Files that wait for their pages, and are removed when they are taken."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[object, PassedFile]] = {}  # by id, with the page

    @staticmethod
    def id_in(path: str) -> str:
        """Return the id in the path of a request; empty if that leads to no file."""
        match = _PATH.fullmatch(path)
        return match["id"] if match else ""

    def offer(self, page: object, file: PassedFile) -> str:
        """Keep a file for a page; return where it is, relative to the pages."""
        waiting = self._of(page)
        if len(waiting) >= MAX_WAITING:
            self._remove(waiting[0])
        id_ = token_urlsafe(32)
        self._waiting[id_] = page, file
        return f"files/{id_}"

    def withdraw(self, page: object) -> None:
        """Remove what a page has not taken: it is gone."""
        for id_ in self._of(page):
            self._remove(id_)

    def respond(self, request: web.BaseRequest, id_: str) -> web.Response:
        """Send a file to its page, for the browser to save. It is on the disk no longer."""
        if request.method != "GET":
            return web.Response(status=405, text=_ONLY_GET, headers={"Allow": "GET"})
        if id_ not in self._waiting:
            return web.Response(status=404, text=_GONE)
        _, file = self._waiting[id_]
        try:
            content = Path(file.path).open("rb")  # noqa: SIM115 - closed when it has been sent
        except OSError:
            return web.Response(status=404, text=_GONE)
        finally:
            self._remove(id_)
        # Also if the page is gone before anything of it is sent.
        request.task.add_done_callback(lambda _: content.close())
        if request.transport is not None:
            asyncio.get_running_loop().call_later(TAKE_WITHIN, request.transport.abort)
        return web.Response(body=content, headers=_headers(file.name))

    def _of(self, page: object) -> list[str]:
        return [id_ for id_, (of, _) in self._waiting.items() if of is page]

    def _remove(self, id_: str) -> None:
        _, file = self._waiting.pop(id_)
        with suppress(OSError):
            Path(file.path).unlink()


def _headers(name: str) -> dict[str, str]:
    return {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        "Cache-Control": "no-store",
    }
