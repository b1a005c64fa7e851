"""Sends files, lists those of the messages that were written, and saves them by their numbers.

Saves whole rooms, too.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Final, Protocol

from chat_shared import messages as m
from chat_shared.file_names import clean_file_name
from chat_shared.text import clean
from chat_tui.commands import exporting
from chat_tui.commands.guests_text import NOT_BY_GUESTS
from chat_tui.commands.paths import Upload, read_upload
from chat_tui.controller.downloads import NotDownloaded
from chat_tui.controller.exports import NotExported
from chat_tui.controller.page import Page
from chat_tui.controller.transfers import Transfers
from chat_tui.controller.uploads import NO_FILES, not_sendable
from chat_tui.markup.files import described, listed
from chat_tui.model.outbox import FileToSend, PageFile
from chat_tui.model.premises import CHOSEN_IN_PAGE, NO_EXPORT_HERE, NO_FILES_HERE, Premises
from chat_tui.model.progress import cancelled, progress
from chat_tui.model.room import Room
from chat_tui.model.state import ChatState
from chat_tui.plain import sentences
from chat_tui.plain.open_room import OpenRoom
from chat_tui.storage.home import shown_path
from chat_tui.storage.opened_files import OpenedFiles
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
    def page(self) -> Page | None: ...
    @property
    def state(self) -> ChatState: ...
    @property
    def transfers(self) -> Transfers: ...
    def post(self, text: str, reply: int = 0, files: tuple[FileToSend, ...] = ()) -> None: ...
    def fail(self, sentence: str) -> None: ...
    def start(self, coroutine: Coroutine[object, object, None]) -> None: ...
    async def wait_written(self) -> None: ...


class FileCommands:
    """One method for each command."""

    def __init__(self, chat: Chat, write: Callable[[str], None]) -> None:
        self._chat = chat
        self._write = write
        self._passed = OpenedFiles()

    def close(self) -> None:
        """Keep nothing that was on its way to a page."""
        self._passed.close()

    async def upload(self, typed: str) -> None:
        """Send files to the open room; in a browser, let its page choose them."""
        wanted, room = read_upload(typed), self._chat.room
        if (page := self._chat.page) is not None:
            self._choose(page, wanted)
            return
        if not self._may():
            return
        if meant_for := room.unreachable:
            self._chat.fail(sentences.not_sent(meant_for, wanted.caption))
            return
        try:
            files = await asyncio.to_thread(find_files, wanted.alternatives)
        except CannotRead as exc:
            self._chat.fail(clean(str(exc)))
            return
        self._send(files, wanted.caption)

    def _choose(self, page: Page, wanted: Upload) -> None:
        if any(wanted.alternatives[0]):
            self._chat.fail(CHOSEN_IN_PAGE)
        elif not self._chat.state.max_file:
            self._chat.fail(NO_FILES)
        else:
            page.choose(wanted.caption)

    def send_chosen(self, files: Sequence[PageFile], caption: str) -> None:
        """Send files that were chosen in the page, without asking: nobody does that by mistake."""
        if self._chat.state.guest_until:
            self._chat.fail(NOT_BY_GUESTS)
        elif meant_for := self._chat.room.unreachable:
            self._chat.fail(sentences.not_sent(meant_for, caption))
        else:
            self._send(tuple(files), caption)

    def _send(self, files: tuple[FileToSend, ...], caption: str) -> None:
        if why := not_sendable(files, self._chat.state.max_file):
            self._chat.fail(clean(why))
            return
        self._write(f"Sending {listed(files)}. /files shows how far it is, /cancel stops it.")
        self._chat.post(caption, files=files)

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
        elif self._chat.page is None and not self._may():
            return
        elif waits:
            await self._save(found.file)
        else:
            self._write(f"Saving {described(found.file)}.")
            self._chat.start(self._save(found.file))

    async def _save(self, file: m.File) -> None:
        page = self._chat.page
        try:
            folder = downloads_folder() if page is None else self._passed.folder()
            path = await self._chat.transfers.downloads.save(file, folder)
        except (CannotSave, NotDownloaded) as exc:
            self._chat.fail(clean(str(exc)))
            return
        if page is None:
            self._write(clean(f"Saved as {shown_path(path)}."))
        else:
            name = clean_file_name(file.name)
            page.save(path, name)
            self._write(f"Your browser is saving {name}.")

    async def export(self, kind: str, *, waits: bool) -> None:
        """Export the open room; if it `waits`, nothing else is done meanwhile."""
        await self._chat.wait_written()
        room = self._chat.state.rooms.get(self._chat.room.name)
        if room is None:
            self._chat.fail("You're no longer in this room.")
            return
        if not self._may(NO_EXPORT_HERE):
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

    def _may(self, refusal: str = NO_FILES_HERE) -> bool:
        """Return whether there are files of the person here; else say so."""
        if not self._chat.premises.has_files:
            self._chat.fail(refusal)
        return self._chat.premises.has_files
