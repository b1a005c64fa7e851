"""Uploads the files that messages in the outbox wait for, whatever the network does.

One file at a time. After a lost connection the same request says how much the server has.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Final

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_FILES
from chat_tui.controller.chunks import (
    NONSENSE,
    Ask,
    Online,
    Watcher,
    answers,
    pause_after,
    reason,
)
from chat_tui.controller.page import Page
from chat_tui.controller.sources import Source, open_source
from chat_tui.markup.files import shown_size
from chat_tui.model.outbox import FileToSend, Outbox, Unsent
from chat_tui.model.transfer import Transfer, Window
from chat_tui.storage.source_file import TOO_MANY, CannotRead

NO_FILES: Final = "This server takes no files."

MAX_STRAYS: Final = 3  # times that an upload is not where it should be: it must not go on for ever


class NotUploaded(Exception):
    """The server does not take a file; the message is a sentence."""


class Uploads:
    """The files of one outbox."""

    def __init__(
        self,
        ask: Ask,
        outbox: Outbox,
        online: Online,
        max_file: Callable[[], int],
        page: Callable[[], Page | None],
        watcher: Watcher,
    ) -> None:
        """`max_file` returns how many bytes the server allows, once there is a session.

        `page` returns the page that shows the client, if one does.
        """
        self.transfer: Transfer | None = None
        self._ask = ask
        self._outbox = outbox
        self._online = online
        self._max_file = max_file
        self._page = page
        self._watcher = watcher
        self._nonce = ""  # of the message whose files are being uploaded
        self._scope: asyncio.Timeout | None = None
        self._begun: list[int] = []  # its uploads

    async def run(self) -> None:
        """Upload until no message waits for its files."""
        while (unsent := self._outbox.next_with_files()) is not None:
            await self._bring(unsent)
            self._watcher.settled(unsent.room)

    def check(self) -> None:
        """Stop with the files of a message that was taken out of the outbox."""
        if self._scope is not None and not self._outbox.holds(self._nonce):
            self._scope.reschedule(asyncio.get_running_loop().time())
            self._scope = None

    async def _bring(self, unsent: Unsent) -> None:
        """Upload the files of a message, or note why that is not possible."""
        self._nonce, self._begun = unsent.nonce, []
        try:
            async with asyncio.timeout(None) as self._scope:
                uploads = [await self._upload(unsent.room, file) for file in unsent.files]
                # Files with the same name and content are one, which a message has once.
                self._outbox.uploaded(unsent.nonce, tuple(dict.fromkeys(uploads)))
                self._begun = []
        except TimeoutError:
            pass  # it was taken out
        except (CannotRead, NotUploaded) as exc:
            self._outbox.refused(unsent.nonce, str(exc))
        finally:
            self.transfer = self._scope = None
        for upload in self._begun:
            await self._ask(m.CancelUpload(id=m.UNNUMBERED, upload=upload))

    async def _upload(self, room: str, file: FileToSend) -> int:
        """Upload one file; return its number. Raises CannotRead and NotUploaded."""
        transfer = self.transfer = Transfer(file.name, file.size, is_upload=True)
        self._watcher.changed()
        window, strays = Window(), 0
        with open_source(file, self._page()) as source:
            await self._online.wait()
            self._check_size(file)
            digest = await source.sha256()
            begin = m.Upload(room, file.name, file.size, digest, id=m.UNNUMBERED)
            while True:
                await self._online.wait()
                reply = await self._ask(begin)
                if isinstance(reply, m.UploadState):
                    self._note(reply, file.size)
                    reply = await self._send(source, file.size, reply, window)
                if isinstance(reply, m.UploadState) and reply.at == file.size:
                    return reply.upload
                pause = pause_after(reply)
                if pause is None and _begins_again(reply) and strays < MAX_STRAYS:
                    strays, pause = strays + 1, 0
                if pause is None:
                    raise NotUploaded(reason(reply))
                transfer.wait()
                self._watcher.changed()
                await asyncio.sleep(pause)

    def _check_size(self, file: FileToSend) -> None:
        if sentence := too_large(file, self._max_file()):
            raise NotUploaded(sentence)

    def _note(self, state: m.UploadState, size: int) -> None:
        if state.at > size:
            raise NotUploaded(NONSENSE)
        if state.upload not in self._begun:
            self._begun.append(state.upload)

    async def _send(
        self, source: Source, size: int, state: m.UploadState, window: Window
    ) -> m.Reply | None:
        """Send the chunks from `state` on; return the state of the whole, or what came instead."""
        transfer = self.transfer
        assert transfer is not None
        clock = asyncio.get_running_loop().time
        async with aclosing(answers(self._ask, _chunks(source, state), window)) as replies:
            async for chunk, reply in replies:
                if not isinstance(reply, m.UploadState):
                    return reply
                if reply.upload != chunk.upload or reply.at > size:
                    raise NotUploaded(NONSENSE)
                if reply.at != chunk.at + len(chunk.data):
                    return reply  # of another device, say, that uploads the same file
                state = reply
                transfer.moved(state.at, clock())
                self._watcher.has_moved()
        return state


async def _chunks(source: Source, state: m.UploadState) -> AsyncGenerator[m.SendChunk]:
    at = state.at
    async with aclosing(source.parts(at)) as parts:
        async for data in parts:
            yield m.SendChunk(id=m.UNNUMBERED, upload=state.upload, at=at, data=data)
            at += len(data)


def _begins_again(reply: m.Reply | None) -> bool:
    """Return whether the upload is elsewhere than expected, or was removed in the meantime."""
    is_elsewhere = isinstance(reply, m.UploadState)
    return is_elsewhere or (isinstance(reply, m.Error) and reply.code == Code.NO_SUCH_FILE)


def not_sendable(files: Sequence[FileToSend], max_file: int) -> str:
    """Return why the server will not take a message with these files; empty if it may."""
    if len(files) > MAX_FILES:
        return TOO_MANY
    return next(filter(None, (too_large(file, max_file) for file in files)), "")


def too_large(file: FileToSend, max_file: int) -> str:
    """Return why the server will not take a file of this size; empty if it may."""
    if not max_file:
        return NO_FILES
    if file.size <= max_file:
        return ""
    # Not the size of the file: rounded, it may look like the limit.
    over = shown_size(file.size - max_file)
    return f"{file.name} is {over} over the limit of {shown_size(max_file)}."
