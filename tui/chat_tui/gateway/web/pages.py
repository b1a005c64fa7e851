"""The pages and the files that they load, all in memory: nothing is read when someone asks."""

import gzip
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Template
from typing import Final

from aiohttp import web

_TYPES: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
}

# Nothing from elsewhere, and nothing inline but what bears the nonce: the styles of xterm.js.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class _File:
    content_type: str
    body: bytes
    compressed: bytes
    tag: str


class Pages:
    """The pages of a server with the name `name`."""

    def __init__(self, name: str) -> None:
        static = files(__package__) / "static"
        self._files = dict(_read(static, ""))
        self._pages = {
            page: Template((static / f"{page}.html").read_text(encoding="utf-8"))
            for page in ("terminal", "plain")
        }
        self._name = escape(name)

    def page(self, page: str, url: str = "") -> web.Response:
        """Return a page, which connects only where `url` leads, unless that is empty."""
        nonce = secrets.token_urlsafe(16)
        return web.Response(
            text=self._pages[page].substitute(name=self._name, nonce=nonce, url=escape(url)),
            content_type="text/html",
            headers={
                "Content-Security-Policy": _POLICY.format(nonce=nonce),
                "Cache-Control": "no-store",
            },
        )

    def file(self, name: str, headers: Mapping[str, str]) -> web.Response | None:
        """Return the file `name`, or that it has not changed; None if there is none."""
        found = self._files.get(name)
        if found is None:
            return None
        own = {"ETag": found.tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if headers.get("If-None-Match") == found.tag:
            return web.Response(status=304, headers=own)
        if "gzip" in headers.get("Accept-Encoding", ""):
            own["Content-Encoding"] = "gzip"
            return web.Response(body=found.compressed, content_type=found.content_type, headers=own)
        return web.Response(body=found.body, content_type=found.content_type, headers=own)


def _read(folder: Traversable, prefix: str) -> "list[tuple[str, _File]]":
    """Return the files that pages load, by their path."""
    read: list[tuple[str, _File]] = []
    for entry in folder.iterdir():
        name = prefix + entry.name
        suffix = name[name.rfind(".") :]
        if entry.is_dir():
            read += _read(entry, f"{name}/")
        elif suffix in _TYPES:
            read.append((name, _file(entry.read_bytes(), _TYPES[suffix])))
    return read


def _file(body: bytes, content_type: str) -> _File:
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    return _File(content_type, body, gzip.compress(body, mtime=0), tag)
