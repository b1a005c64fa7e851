"""Downloads files of messages, whatever the network does: each goes on where it was."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Final

from chat_shared import messages as m
from chat_shared.file_names import clean_file_name
from chat_shared.limits import MAX_CHUNK
from chat_tui.controller.chunks import (
    NONSENSE,
    Ask,
    Online,
    Watcher,
    answers,
    pause_after,
    reason,
    to_the_end,
)
from chat_tui.model.transfer import Transfer, Window
from chat_tui.storage.saved_file import PartFile

MAX_AT_ONCE: Final = 3  # downloads: less than a server allows one account, so that uploads go on


class NotDownloaded(Exception):
    """A file does not come; the message is a sentence."""


class Downloads:
    """Files on their way to this computer. Those that are too many wait."""

    def __init__(self, ask: Ask, online: Online, watcher: Watcher) -> None:
        self._ask = ask
        self._online = online
        self._watcher = watcher
        self._places = asyncio.Semaphore(MAX_AT_ONCE)
        self._scopes: dict[int, tuple[Transfer, asyncio.Timeout]] = {}
        self._count = 0

    @property
    def transfers(self) -> list[Transfer]:
        return [transfer for transfer, _ in self._scopes.values()]

    async def save_unseen(self, file: m.File, folder: Path) -> Path:
        """As `save`, for a file that nobody asked for: it is not among the transfers."""
        return await self._save(file, folder, _transfer_of(file))

    async def save(self, file: m.File, folder: Path) -> Path:
        """Download `file` into `folder`, under a name that is free there; return its path.

        Raises CannotSave and NotDownloaded.
        """
        transfer = _transfer_of(file)
        self._count += 1
        number = self._count
        try:
            async with asyncio.timeout(None) as scope:
                self._scopes[number] = transfer, scope
                self._watcher.changed()
                return await self._save(file, folder, transfer)
        except TimeoutError:
            raise NotDownloaded(f"The download of {transfer.name} was cancelled.") from None
        finally:
            self._scopes.pop(number, None)
            self._watcher.changed()

    def cancel(self) -> int:
        """Cancel all of them; return how many those were."""
        scopes, self._scopes = self._scopes, {}
        for _, scope in scopes.values():
            scope.reschedule(asyncio.get_running_loop().time())
        return len(scopes)

    async def _save(self, file: m.File, folder: Path, transfer: Transfer) -> Path:
        async with self._places:
            part = PartFile(folder, file.size)
            try:
                await self._fetch(file, part, transfer)
                return await to_the_end(part.finish, file.name)
            finally:
                part.discard()

    async def _fetch(self, file: m.File, part: PartFile, transfer: Transfer) -> None:
        window = Window()
        while transfer.at < file.size:
            await self._online.wait()
            reply = await self._receive(file, part, transfer, window)
            if isinstance(reply, m.FileChunk):
                continue
            if (pause := pause_after(reply)) is None:
                raise NotDownloaded(f"{transfer.name} can't be downloaded: {reason(reply)}")
            transfer.wait()
            self._watcher.changed()
            await asyncio.sleep(pause)

    async def _receive(
        self, file: m.File, part: PartFile, transfer: Transfer, window: Window
    ) -> m.Reply | None:
        """Ask for chunks to the end of the file, or until the next is not the one expected."""
        clock = asyncio.get_running_loop().time
        reply: m.Reply | None = None
        async with aclosing(answers(self._ask, _requests(file, transfer.at), window)) as replies:
            async for request, reply in replies:
                if not isinstance(reply, m.FileChunk):
                    return reply
                if not _is_asked_for(reply, request):
                    raise NotDownloaded(NONSENSE)
                await to_the_end(part.write, reply.data)
                transfer.moved(reply.at + len(reply.data), clock())
                self._watcher.has_moved()
                if len(reply.data) < request.limit:
                    return reply  # the next ones would leave a gap
        return reply


def _transfer_of(file: m.File) -> Transfer:
    return Transfer(clean_file_name(file.name), file.size, is_upload=False)


async def _requests(file: m.File, at: int) -> AsyncGenerator[m.Download]:
    while at < file.size:
        limit = min(MAX_CHUNK, file.size - at)
        yield m.Download(id=m.UNNUMBERED, file=file.file, at=at, limit=limit)
        at += limit


def _is_asked_for(chunk: m.FileChunk, request: m.Download) -> bool:
    return (chunk.file, chunk.at) == (request.file, request.at) and len(chunk.data) <= request.limit
