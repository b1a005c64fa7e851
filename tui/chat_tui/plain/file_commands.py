"""Sends files, lists those of the messages that were written, and saves them by their numbers.

Saves whole rooms, too.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Final, Protocol

from chat_shared import messages as m
from chat_shared.text import clean
from chat_tui.commands import exporting
from chat_tui.commands.paths import read_upload
from chat_tui.commands.replies import cancelled
from chat_tui.controller.downloads import NotDownloaded
from chat_tui.controller.exports import NotExported
from chat_tui.controller.transfers import Transfers
from chat_tui.controller.uploads import too_large
from chat_tui.markup.files import described, listed
from chat_tui.model.outbox import LocalFile
from chat_tui.model.premises import NO_FILES_HERE, Premises
from chat_tui.model.progress import progress
from chat_tui.model.room import Room
from chat_tui.model.state import ChatState
from chat_tui.plain import sentences
from chat_tui.plain.open_room import OpenRoom
from chat_tui.storage.home import shown_path
from chat_tui.storage.saved_file import CannotSave, downloads_folder
from chat_tui.storage.source_file import CannotRead, find_files

_LAST: Final = 10  # files that are listed
_NONE: Final = "No files here yet. Messages that have some name them."
_HOW: Final = "To save one, type its number after the command: /save 2"


class Chat(Protocol):
    """What these commands act on."""

    room: OpenRoom

    @property
    def premises(self) -> Premises: ...
    @property
    def state(self) -> ChatState: ...
    @property
    def transfers(self) -> Transfers: ...
    def post(self, text: str, reply: int = 0, files: tuple[LocalFile, ...] = ()) -> None: ...
    def fail(self, sentence: str) -> None: ...
    def start(self, coroutine: Coroutine[object, object, None]) -> None: ...
    async def wait_written(self) -> None: ...


class FileCommands:
    """One method for each command."""

    def __init__(self, chat: Chat, write: Callable[[str], None]) -> None:
        self._chat = chat
        self._write = write

    async def upload(self, typed: str) -> None:
        """Send files to the open room."""
        if not self._may():
            return
        wanted, room = read_upload(typed), self._chat.room
        if meant_for := room.unreachable:
            self._chat.fail(sentences.not_sent(meant_for, wanted.caption))
            return
        try:
            files = await asyncio.to_thread(find_files, wanted.alternatives)
        except CannotRead as exc:
            self._chat.fail(clean(str(exc)))
            return
        refused = (too_large(file, self._chat.state.max_file) for file in files)
        if why := next(filter(None, refused), ""):
            self._chat.fail(clean(why))
            return
        self._write(f"Sending {listed(files)}. /files shows how far it is, /cancel stops it.")
        self._chat.post(wanted.caption, files=files)

    async def cancel(self, _: str) -> None:
        self._write(cancelled(self._chat.transfers.cancel()))

    async def list(self, _: str) -> None:
        """Write how far files are that are on their way, and the last ones that can be saved."""
        await self._chat.wait_written()
        for transfer in self._chat.transfers.under_way():
            self._write(progress(transfer))
        last = self._chat.room.files.last(_LAST)
        for number, (_, file) in last:
            self._write(f"file {number}: {described(file)}")
        self._write(_HOW if last else _NONE)

    async def save(self, number: str, *, waits: bool) -> None:
        """Save a file; if it `waits`, nothing else is done meanwhile."""
        if not number:
            await self.list("")
            return
        await self._chat.wait_written()
        found = self._chat.room.files.find(int(number))
        if found is None:
            self._chat.fail(f"There is no file {number}. /files lists the last ones.")
        elif not self._may():
            return
        elif waits:
            await self._save(found.file)
        else:
            self._write(f"Saving {described(found.file)}.")
            self._chat.start(self._save(found.file))

    async def _save(self, file: m.File) -> None:
        try:
            path = await self._chat.transfers.downloads.save(file, downloads_folder())
        except (CannotSave, NotDownloaded) as exc:
            self._chat.fail(clean(str(exc)))
        else:
            self._write(clean(f"Saved as {shown_path(path)}."))

    async def export(self, kind: str, *, waits: bool) -> None:
        """Export the open room; if it `waits`, nothing else is done meanwhile."""
        await self._chat.wait_written()
        room = self._chat.state.rooms.get(self._chat.room.name)
        if room is None:
            self._chat.fail("You're no longer in this room.")
            return
        if not self._may():
            return
        self._write(exporting.begun(room.title))
        if waits:
            await self._export(room, kind)
        else:
            self._chat.start(self._export(room, kind))

    async def _export(self, room: Room, kind: str) -> None:
        try:
            done = await self._chat.transfers.exports.export(room, kind, downloads_folder())
        except (CannotSave, NotExported) as exc:
            self._chat.fail(clean(str(exc)))
        else:
            self._write(exporting.done(room.title, shown_path(done.path), done.missing))

    def _may(self) -> bool:
        """Return whether there are files of the person here; else say so."""
        if not self._chat.premises.has_files:
            self._chat.fail(NO_FILES_HERE)
        return self._chat.premises.has_files
