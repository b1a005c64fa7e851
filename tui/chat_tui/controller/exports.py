"""Exports a room, page by page and file by file, while people go on talking in it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from chat_shared import messages as m
from chat_shared.export import FORMATS, ExportedRoom, Writer, path_of
from chat_shared.names import fold, is_direct
from chat_tui.commands import exporting
from chat_tui.controller.chunks import (
    NONSENSE,
    Ask,
    Online,
    Watcher,
    pause_after,
    reason,
    to_the_end,
)
from chat_tui.controller.downloads import Downloads, NotDownloaded
from chat_tui.model.room import Room
from chat_tui.model.transfer import RoomExport, Transfer
from chat_tui.storage.exported_folder import ExportedFolder

MAX_EXPORTED: Final = 1_000_000  # messages: more than people write in a room in years
# Seconds between two pages: half of the requests that a server takes from an account in the long
# run, so that a look at another room need not wait.
_PAGE_EVERY: Final = 0.1


class NotExported(Exception):
    """A room is not exported; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A folder with a room."""

    path: Path
    missing: int  # files that the server did not send


class Exports:
    """One room at a time."""

    def __init__(
        self,
        ask: Ask,
        downloads: Downloads,
        me: Callable[[], str],
        online: Online,
        watcher: Watcher,
    ) -> None:
        """The replies to `ask` are for nobody else. No other files come by `downloads`.

        `me` returns the name of our account.
        """
        self._ask = ask
        self._me = me
        self._downloads = downloads
        self._online = online
        self._watcher = watcher
        self._running: tuple[RoomExport, asyncio.Timeout] | None = None

    def under_way(self) -> list[Transfer | RoomExport]:
        """Return the export, if there is one, and the file of it that comes just now."""
        return [] if self._running is None else [self._running[0], *self._downloads.transfers]

    async def export(self, room: Room, kind: str, into: Path) -> Exported:
        """Export `room` in the format `kind` to a new folder in `into`.

        It goes up to the newest message there is now. Only rooms that we own are exported, and
        direct messages. Raises NotExported and CannotSave.
        """
        if not (is_direct(room.name) or fold(room.owner) == fold(self._me())):
            raise NotExported(exporting.refusal(room.name))
        if self._running is not None:
            raise NotExported(exporting.RUNNING)
        progress = RoomExport(room.title, room.last_seq)
        try:
            async with asyncio.timeout(None) as scope:
                self._running = progress, scope
                self._watcher.changed()
                return await self._export(room, kind, into, progress)
        except TimeoutError:
            raise NotExported(exporting.cancelled(room.title)) from None
        finally:
            self._running = None
            self._watcher.changed()

    def cancel(self) -> int:
        """Cancel the export; return how many there were."""
        if self._running is None:
            return 0
        self._running[1].reschedule(asyncio.get_running_loop().time())
        return 1

    async def _export(self, room: Room, kind: str, into: Path, progress: RoomExport) -> Exported:
        made = FORMATS[kind]
        folder = ExportedFolder(into, f"messages{made.suffix}")
        try:
            about = ExportedRoom(self._heading(room), room.topic, room.owner, _now())
            missing = await self._write(made.writer(about), room.name, folder, progress)
            return Exported(await to_the_end(folder.finish, room.title), missing)
        finally:
            await to_the_end(folder.discard)

    def _heading(self, room: Room) -> str:
        return f"{self._me()} and {room.title}" if is_direct(room.name) else room.title

    async def _write(
        self, writer: Writer, room: str, folder: ExportedFolder, progress: RoomExport
    ) -> int:
        """Write all messages and their files; return how many files are missing."""
        missing = 0
        await to_the_end(folder.write, writer.begin())
        async with aclosing(self._pages(room, progress)) as pages:
            async for lines in pages:
                text = "".join(writer.message(line) for line in lines)
                await to_the_end(folder.write, text)
                missing += await self._save_files(lines, folder.path, progress)
        await to_the_end(folder.write, writer.end())
        return missing

    async def _save_files(self, lines: Sequence[m.Line], folder: Path, progress: RoomExport) -> int:
        """Save the files of messages; return how many of them do not come."""
        missing = 0
        for line in lines:
            for file in line.files:
                try:
                    await self._downloads.save(file, (folder / path_of(line, file)).parent)
                except NotDownloaded:  # what is there is still worth having
                    missing += 1
            progress.at = line.seq
        return missing

    async def _pages(self, room: str, progress: RoomExport) -> AsyncGenerator[list[m.Line]]:
        """Yield the messages of the room up to the one that was the last when this began."""
        last: m.Line | None = None
        count, more = 0, progress.last > 0
        while more and progress.at < progress.last:
            lines, more = await self._after(room, last, progress)
            if more and not lines:
                raise NotExported(NONSENSE)
            wanted = [_for_anyone(line) for line in lines if line.seq <= progress.last]
            if (count := count + len(wanted)) > MAX_EXPORTED:
                raise NotExported(exporting.too_many(progress.room, MAX_EXPORTED))
            yield wanted
            last = lines[-1] if lines else last
            progress.at = min(lines[-1].seq, progress.last) if lines else progress.last
            self._watcher.has_moved()
            await asyncio.sleep(_PAGE_EVERY)

    async def _after(
        self, room: str, last: m.Line | None, progress: RoomExport
    ) -> tuple[list[m.Line], bool]:
        """Return messages that follow `last`, and whether there are more.

        `last` is asked for again: if it is another one by now, the server was restored.
        """
        if last is None:
            page = await self._page(room, 0, progress)
            return page.messages, page.more
        page = await self._page(room, last.seq - 1, progress)
        again = page.messages[0] if page.messages else None
        if again is None or (again.seq == last.seq and again.at != last.at):
            raise NotExported(exporting.RESTORED)
        if page.more and page.messages[-1].seq == last.seq:  # it fills a page alone
            page = await self._page(room, last.seq, progress)
        return [line for line in page.messages if line.seq > last.seq], page.more

    async def _page(self, room: str, after: int, progress: RoomExport) -> m.Page:
        """Ask for a page until there is one, or a refusal."""
        request = m.History(id=m.UNNUMBERED, room=room, after=after)
        while True:
            await self._online.wait()
            reply = await self._ask(request)
            if isinstance(reply, m.Page):
                progress.is_waiting = False
                return _checked(reply, request)
            if (pause := pause_after(reply)) is None:
                raise NotExported(reason(reply))
            progress.is_waiting = True
            self._watcher.changed()
            await asyncio.sleep(pause)


def _checked(page: m.Page, request: m.History) -> m.Page:
    """Return the page if it is one that was asked for. Raises NotExported."""
    seqs = [request.after or 0, *(line.seq for line in page.messages)]
    if page.room != request.room or any(later <= earlier for earlier, later in pairwise(seqs)):
        raise NotExported(NONSENSE)
    return page


def _now() -> str:
    """Return the time as the server writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _for_anyone(line: m.Line) -> m.Line:
    """Return the message without what only its reader sees: which reactions are theirs."""
    return replace(line, reactions=tuple(replace(each, mine=False) for each in line.reactions))
