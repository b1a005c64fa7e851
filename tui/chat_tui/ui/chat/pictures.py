"""Pictures of messages: drawn in the log while they are in view, and shown large.

At most one is on its way. Nothing is downloaded for rooms that are not open.
"""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from chat_shared import messages as m
from chat_tui.controller.downloads import Downloads, NotDownloaded
from chat_tui.markup.files import is_picture
from chat_tui.model.changes import Change, HistoryLost, RoomRemoved, StartedOver, Updated
from chat_tui.storage.opened_files import OpenedFiles
from chat_tui.storage.saved_file import CannotSave
from chat_tui.terminal.overlay import Overlay
from chat_tui.terminal.pictures.decoding import PictureError
from chat_tui.terminal.pictures.drawer import Drawer
from chat_tui.terminal.pictures.drawing import NOTHING, Drawing
from chat_tui.terminal.pictures.half_blocks import Rgb
from chat_tui.terminal.textual_internals import ClientApp, write_to_terminal
from chat_tui.ui.chat.room_view import RoomView
from chat_tui.ui.log.rows import MessageRow

MAX_UNASKED: Final = 1_000_000  # bytes of a picture that is downloaded because it is in view
KEPT_DRAWINGS: Final = 30  # besides those in view
KEPT_BYTES: Final = 30_000_000  # of downloaded pictures

_ROWS: Final = 12  # of a picture in the log
_FEWEST_ROWS: Final = 4
_BESIDES: Final = 3  # rows that a picture leaves in view: who sent it, the text, and its name

# On a slower line, what people write would wait for pictures.
_FAST: Final = 50_000  # bytes per second
_MEASURED_FROM: Final = 1.0  # seconds: what comes sooner says more of the distance than the speed

_NONE_HERE: Final = "This terminal shows no pictures."
_OPEN: Final = " Press o to open it instead."


class _Drawn(NamedTuple):
    room: str
    seq: int
    drawing: Drawing


class Pictures:
    """Draws them; closing the screen cancels that."""

    def __init__(self, view: RoomView, downloads: Downloads, drawer: Drawer) -> None:
        self._view = view
        self._downloads = downloads
        self._drawer = drawer
        self._files = OpenedFiles(KEPT_BYTES)
        self._drawn: dict[int, _Drawn] = {}  # by the number of the file, the latest last
        self._failed: set[int] = set()
        self._is_drawing = False
        self._is_slow = False

    # --- in the log

    def draw_seen(self) -> None:
        """Draw the pictures in view, one after the other, unless that is being done."""
        if self._drawer.ways.log != "none" and not self._is_drawing:
            self._is_drawing = True
            self._view.start(self._draw_seen())

    async def _draw_seen(self) -> None:
        try:
            while (seen := self._next()) is not None:
                await self._draw(*seen)
        finally:
            self._is_drawing = False

    def _next(self) -> tuple[int, m.File] | None:
        """Return a picture that is in view by now, and the number of its message."""
        return next((seen for seen in self._view.message_log.undrawn() if self._may(seen[1])), None)

    def _may(self, file: m.File) -> bool:
        if file.file in self._failed:
            return False
        if self._files.find(file.file) is not None:
            return True
        return 0 < file.size <= MAX_UNASKED and not self._is_slow

    async def _draw(self, seq: int, file: m.File) -> None:
        room, log = self._view.current, self._view.message_log
        rows = min(max(log.size.height - _BESIDES, _FEWEST_ROWS), _ROWS)
        try:
            await self._fetch(file, is_asked_for=False)
            drawing = await self._drawer.draw(
                self._path(file), log.picture_width, rows, self._background
            )
        except (CannotSave, NotDownloaded, PictureError):
            self._failed.add(file.file)  # its name is there; the reason is given when it is opened
            return
        before = self._drawn.pop(file.file, None)  # in another width
        self._drawn[file.file] = _Drawn(room, seq, drawing)
        self._view.logs.drawings[file.file] = drawing
        self._replace(before.drawing if before is not None else NOTHING, drawing)
        self._view.show([Updated(room, (seq,))])
        self._forget_oldest()

    def show(self, changes: Iterable[Change]) -> None:
        """Forget the drawings of messages that are gone."""
        if any(isinstance(c, Updated | StartedOver | HistoryLost | RoomRemoved) for c in changes):
            for file, drawn in [*self._drawn.items()]:
                if not self._is_there(file, drawn):
                    self._forget(file)
                    self._files.forget(file)

    def begin_again(self) -> None:
        """Draw all pictures anew: this is another terminal, which has none of them."""
        for file in [*self._drawn]:
            self._forget(file)
        self.draw_seen()

    def close(self) -> None:
        for drawn in self._drawn.values():
            self._replace(drawn.drawing, NOTHING)
        self._drawn.clear()
        self._files.close()

    def _is_there(self, file: int, drawn: _Drawn) -> bool:
        room = self._view.state.rooms.get(drawn.room)
        line = room.line(drawn.seq) if room is not None else None
        return line is not None and any(file == each.file for each in line.files)

    def _forget_oldest(self) -> None:
        if len(self._drawn) <= KEPT_DRAWINGS:
            return
        in_view = self._view.message_log.drawn()
        out_of_view = [file for file in self._drawn if file not in in_view]
        for file in out_of_view[: len(self._drawn) - KEPT_DRAWINGS]:
            self._forget(file)

    def _forget(self, file: int) -> None:
        room, seq, drawing = self._drawn.pop(file)
        self._view.logs.drawings.pop(file, None)
        self._replace(drawing, NOTHING)
        self._view.logs.apply(Updated(room, (seq,)))

    # --- large

    def show_large(self, row: MessageRow) -> None:
        """Show the pictures of a message, each as large as the screen."""
        from chat_tui.ui.dialogs.pictures import PictureDialog

        files = [file for file in row.files if isinstance(file, m.File) and is_picture(file)]
        if not files:
            self._view.hint.say("This message has no picture.")
        elif self._drawer.ways.large == "none":
            self._view.hint.say(_NONE_HERE + (_OPEN if self._view.premises.has_programs else ""))
        else:
            dialog = PictureDialog(files, self.draw_large, self._replace, self._overlay)
            self._view.app.push_screen(dialog, lambda _: self.draw_seen())

    def _overlay(self, overlay: Overlay | None) -> None:
        app = self._view.app
        assert isinstance(app, ClientApp)
        app.overlays.overlay = overlay

    async def draw_large(self, file: m.File, columns: int, rows: int) -> Drawing:
        """Draw a picture of any size. Raises CannotSave, NotDownloaded and PictureError."""
        await self._fetch(file, is_asked_for=True)
        return await self._drawer.draw_large(self._path(file), columns, rows, self._background)

    # --- both

    async def _fetch(self, file: m.File, *, is_asked_for: bool) -> None:
        """Download a picture, unless it is here. Raises CannotSave and NotDownloaded."""
        if self._files.find(file.file) is not None:
            return
        clock = asyncio.get_running_loop().time
        save = self._downloads.save if is_asked_for else self._downloads.save_unseen
        began = clock()
        path = await save(file, self._files.folder())
        seconds = clock() - began
        if seconds >= _MEASURED_FROM or is_asked_for:
            self._is_slow = seconds >= _MEASURED_FROM and file.size < _FAST * seconds
        self._files.add(file.file, path)

    def _path(self, file: m.File) -> Path:
        """Return where a picture is that was downloaded. Raises NotDownloaded."""
        path = self._files.find(file.file)
        if path is None:
            raise NotDownloaded("This picture was deleted.")
        return path

    @property
    def _background(self) -> Rgb:
        return self._view.message_log.background_colors[1].rgb

    def _replace(self, old: Drawing, new: Drawing) -> None:
        """Let the terminal forget one drawing, and give it another."""
        write_to_terminal(self._view.app, self._drawer.forget(old) + self._drawer.keep(new))
