"""Where the content of a file to send comes from: this computer, or the page in a browser."""

import hashlib
from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing, contextmanager
from typing import NamedTuple, Protocol

from chat_shared.limits import MAX_CHUNK
from chat_tui.controller.chunks import answers, to_the_end
from chat_tui.controller.page import Page
from chat_tui.model.outbox import FileToSend, LocalFile, PageFile
from chat_tui.model.transfer import Window
from chat_tui.storage.source_file import CannotRead, SourceFile, source


class Source(Protocol):
    """A file that can be read."""

    async def sha256(self) -> str:
        """Return the digest of all of it. Raises CannotRead."""
        ...

    def parts(self, at: int) -> AsyncGenerator[bytes]:
        """Yield what is from `at` on, at most MAX_CHUNK bytes at a time. Raises CannotRead."""
        ...


@contextmanager
def open_source(file: FileToSend, page: Page | None) -> Generator[Source]:
    """Open a file, which must be as it was when it was chosen. Raises CannotRead.

    `page` is the one that shows the client now.
    """
    if isinstance(file, LocalFile):
        with source(file) as opened:
            yield _OnThisComputer(opened)
    elif page is None:
        raise _gone(file)
    else:
        yield _InThePage(file, page)


class _OnThisComputer:
    def __init__(self, opened: SourceFile) -> None:
        self._opened = opened

    async def sha256(self) -> str:
        return await to_the_end(self._opened.sha256)

    async def parts(self, at: int) -> AsyncGenerator[bytes]:
        while at < self._opened.size:
            data = await to_the_end(self._opened.read, at)
            yield data
            at += len(data)


class _Part(NamedTuple):
    at: int
    limit: int  # bytes


class _InThePage:
    """A file of a page, which is asked for a few parts at once: each takes a moment to arrive.

    They come the way of what is typed, so that the window keeps it from waiting for long.
    """

    def __init__(self, file: PageFile, page: Page) -> None:
        self._file = file
        self._page = page
        self._window = Window()

    async def sha256(self) -> str:
        digest = await self._page.sha256(self._file)
        if len(digest) != hashlib.sha256().digest_size:
            raise _gone(self._file)
        return digest.hex()

    async def parts(self, at: int) -> AsyncGenerator[bytes]:
        wanted = _parts(at, self._file.size)
        async with aclosing(answers(self._read, wanted, self._window)) as answered:
            async for part, data in answered:
                if len(data) != part.limit:
                    raise _gone(self._file)
                yield data

    async def _read(self, part: _Part) -> bytes:
        return await self._page.read(self._file, *part)


async def _parts(at: int, size: int) -> AsyncGenerator[_Part]:
    while at < size:
        limit = min(MAX_CHUNK, size - at)
        yield _Part(at, limit)
        at += limit


def _gone(file: PageFile) -> CannotRead:
    return CannotRead(f"Your browser can't read {file.name} any more. Choose it again.")
