"""Files: sent from this computer, and those of messages saved and opened."""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from textwrap import shorten
from typing import Final

from chat_shared import messages as m
from chat_shared.file_names import clean_file_name
from chat_shared.text import clean, clean_line
from chat_tui.commands.guests_text import NOT_BY_GUESTS
from chat_tui.commands.paths import Alternatives, read_upload
from chat_tui.controller.downloads import NotDownloaded
from chat_tui.controller.page import Page
from chat_tui.controller.uploads import NO_FILES, not_sendable
from chat_tui.markup.files import described, listed
from chat_tui.model.draft import Reply
from chat_tui.model.harmless import LOOKED_AT_FIRST, may_run
from chat_tui.model.outbox import FileToSend, PageFile
from chat_tui.model.premises import CHOSEN_IN_PAGE, NO_FILES_HERE, ONLY_SAVED
from chat_tui.model.progress import cancelled
from chat_tui.storage.home import shown_path
from chat_tui.storage.opened_files import OpenedFiles
from chat_tui.storage.saved_file import CannotSave, downloads_folder
from chat_tui.storage.source_file import CannotRead, find_files
from chat_tui.terminal.opener import open_file, opener
from chat_tui.ui.chat.actions import Actions, no_argument
from chat_tui.ui.chat.requests import Requests
from chat_tui.ui.chat.room_view import RoomView
from chat_tui.ui.log.rows import MessageRow
from chat_tui.ui.server import Server

_READ_WITHIN: Final = 10  # seconds: time to read where a file is, while something else is done
_EXCERPT: Final = 200  # characters of a text that are shown before it is sent
_NO_OPENER: Final = "There is no program here to open files. Press s to save it instead."


class Files:
    """What arrives in the meantime goes on; closing the screen cancels downloads."""

    def __init__(self, view: RoomView, requests: Requests, server: Server) -> None:
        self._view = view
        self._requests = requests
        self._server = server
        self._transfers = server.transfers
        self._opened = OpenedFiles()
        self._is_asking = False  # whether to send files that were chosen in the page

    def actions(self) -> Actions:
        return {
            "message.upload": self.upload,
            "files.cancel": no_argument(self.cancel),
        }

    def draw(self) -> None:
        self._view.transfer_lines.show(self._transfers.under_way())

    def close(self) -> None:
        self._opened.close()

    # --- sending

    def upload(self, typed: str) -> None:
        """Send the files of a typed command; without any, let their paths be typed.

        In a browser, its page lets them be chosen.
        """
        if (page := self._server.page) is not None:
            self._choose(page, typed)
        elif not self._view.premises.has_files:
            self._view.hint.say(NO_FILES_HERE)
        elif typed:
            self._view.start(self._upload(typed, self._view.composer.last_command))
        else:
            self._view.composer.begin_command("/upload ")

    async def _upload(self, typed: str, line: str) -> None:
        wanted, room = read_upload(typed), self._view.current
        try:
            files = await asyncio.to_thread(find_files, wanted.alternatives)
        except CannotRead as exc:
            self._view.hint.say(str(exc))
            self._view.composer.give_back(line)
        else:
            self._send(room, wanted.caption, files, line)

    def offer(self, alternatives: Alternatives, text: str) -> None:
        """Offer to send the files whose paths were pasted, in place of `text` in the composer."""
        state = self._view.state
        if self._view.premises.has_files and state.max_file and not state.guest_until:
            self._view.start(self._offer(alternatives, text))

    async def _offer(self, alternatives: Alternatives, text: str) -> None:
        room = self._view.current
        try:
            files = await asyncio.to_thread(find_files, alternatives)
        except CannotRead:
            return  # it is a text
        if await self._confirms(files):
            self._view.composer.take_out(text)
            self._send(room, "", files)

    def _choose(self, page: Page, typed: str) -> None:
        wanted = read_upload(typed)
        if any(wanted.alternatives[0]):
            self._view.hint.say(CHOSEN_IN_PAGE)
        elif not self._view.state.max_file:
            self._view.hint.say(NO_FILES)
        else:
            page.choose(wanted.caption)

    def offer_chosen(self, files: Sequence[PageFile], caption: str) -> None:
        """Offer to send files that were chosen in the page, unless others are being offered."""
        if self._view.state.guest_until:
            self._tell(NOT_BY_GUESTS)
        elif why := not_sendable(files, self._view.state.max_file):
            self._tell(why)
        elif not self._is_asking:
            self._is_asking = True
            self._view.start(self._offer_chosen(tuple(files), caption))

    async def _offer_chosen(self, files: tuple[PageFile, ...], caption: str) -> None:
        room = self._view.current
        try:
            if await self._confirms(files, caption):
                self._send(room, caption, files)
        finally:
            self._is_asking = False

    async def _confirms(self, files: Sequence[FileToSend], caption: str = "") -> bool:
        from chat_tui.ui.dialogs.confirm import Confirm

        question = "\n\n".join(filter(None, (f"Send {listed(files)}?", shorten(caption, _EXCERPT))))
        return await self._view.app.push_screen_wait(Confirm(question, "Send")) or False

    def _send(self, room: str, caption: str, files: tuple[FileToSend, ...], line: str = "") -> None:
        if why := not_sendable(files, self._view.state.max_file):
            self._view.hint.say(why)
            self._view.composer.give_back(line)
            return
        reply = 0
        if isinstance(intent := self._view.composer.intent, Reply) and room == self._view.current:
            reply = intent.to.seq
            self._view.composer.mean_nothing()
        self._view.message_log.to_end()
        self._requests.post(room, caption, reply, files)

    def cancel(self) -> None:
        """Cancel all that is on its way."""
        self._view.hint.tell(cancelled(self._transfers.cancel()))

    # --- files of messages

    def save(self, row: MessageRow) -> None:
        """Save the file of a message in the folder for downloads, or those that are chosen."""
        if (files := self._files_of(row)) and (self._server.page or self._are_possible()):
            self._view.start(self._save_some(files))

    def open(self, file: m.File) -> None:
        """Open a file with the program that the desktop has for it."""
        if self._are_possible():
            self._view.start(self._open(file))

    def _files_of(self, row: MessageRow) -> Sequence[m.File]:
        """Return the files of a message that the server has; if there are none, say so."""
        files = [file for file in row.files if isinstance(file, m.File)]
        if not files:
            self._view.hint.say("This message has no files.")
        return files

    def _are_possible(self) -> bool:
        if not self._view.premises.has_files:
            self._view.hint.say(ONLY_SAVED if self._server.page else NO_FILES_HERE)
        return self._view.premises.has_files

    async def _save_some(self, files: Sequence[m.File]) -> None:
        for file in await self._chosen(files):
            page = self._server.page
            self._view.start(self._save(file) if page is None else self._pass_on(file, page))

    async def _chosen(self, files: Sequence[m.File]) -> Sequence[m.File]:
        from chat_tui.ui.dialogs.pick_file import PickFile

        if len(files) == 1:
            return files
        names = [f"All {len(files)} files", *map(described, files)]
        chosen = await self._view.app.push_screen_wait(PickFile("Save which file?", names, "save"))
        if chosen is None:
            return ()
        return files if chosen == 0 else [files[chosen - 1]]

    async def _save(self, file: m.File) -> None:
        try:
            path = await self._transfers.downloads.save(file, downloads_folder())
        except (CannotSave, NotDownloaded) as exc:
            self._tell(str(exc))
        else:
            self._tell(f"Saved as {shown_path(path)}.")

    async def _pass_on(self, file: m.File, page: Page) -> None:
        """Let the page in the browser save a file."""
        if (path := await self._fetch(file)) is not None:
            name = clean_file_name(file.name)
            page.save(path, name)
            self._tell(f"Your browser is saving {name}.")

    async def _open(self, file: m.File) -> None:
        program = opener(os.environ, sys.platform)
        if not program:
            self._view.hint.say(_NO_OPENER)
        elif (path := await self._fetch(file)) and await self._may_open(path):
            opened = await asyncio.to_thread(open_file, program, path)
            name = clean_line(path.name)
            self._tell(f"Opened {name}." if opened else f"No program here opens {name}.")

    async def _fetch(self, file: m.File) -> Path | None:
        """Return a private copy of a file; else say why there is none."""
        if (known := self._opened.find(file.file)) is not None:
            return known
        try:
            path = await self._transfers.downloads.save(file, self._opened.folder())
        except (CannotSave, NotDownloaded) as exc:
            self._tell(str(exc))
            return None
        self._opened.add(file.file, path)
        return path

    async def _may_open(self, path: Path) -> bool:
        """Return whether to open a file, which is asked where that may run it."""
        from chat_tui.ui.dialogs.confirm import Confirm

        start = await asyncio.to_thread(_start_of, path)
        if not may_run(path.name, start):
            return True
        question = f"{clean_line(path.name)} may be a program, and do anything you can. Open it?"
        return (
            await self._view.app.push_screen_wait(Confirm(question, "Open", destroys=True)) or False
        )

    def _tell(self, sentence: str) -> None:
        """Show what became of a file, over whatever is being done by now."""
        self._view.notify(clean(sentence), timeout=_READ_WITHIN, markup=False)


def _start_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LOOKED_AT_FIRST)
