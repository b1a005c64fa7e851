"""Shows the pictures of a message, one at a time, as large as the screen."""

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar, TypeAlias

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Label

from chat_shared import messages as m
from chat_shared.text import clean_line
from chat_tui.controller.downloads import NotDownloaded
from chat_tui.markup.files import described
from chat_tui.storage.saved_file import CannotSave
from chat_tui.terminal.overlay import Overlay
from chat_tui.terminal.pictures.decoding import PictureError
from chat_tui.terminal.pictures.drawing import NOTHING, Drawing
from chat_tui.ui.dialogs.dialog import Dialog, text

Draw: TypeAlias = Callable[[m.File, int, int], Awaitable[Drawing]]
"""Draws a picture in at most so many columns and rows."""


class Canvas(Widget):
    """A drawing, in the middle."""

    drawing = NOTHING

    def show(self, drawing: Drawing) -> None:
        has_overlay = bool(self.drawing.over or drawing.over)
        self.drawing = drawing
        (self.screen if has_overlay else self).refresh()

    @property
    def overlay(self) -> Overlay | None:
        """What the terminal draws over the cells of the drawing."""
        if not self.drawing.over:
            return None
        return Overlay(self, self.size, self._drawn_in, self.drawing.over)

    @property
    def _drawn_in(self) -> Region:
        columns, rows = self.drawing.columns, len(self.drawing.rows)
        width, height = self.size
        return Region(max(0, (width - columns) // 2), (height - rows) // 2, columns, rows)

    def render_line(self, y: int) -> Strip:
        style, width = self.rich_style, self.size.width
        left, top = self._drawn_in.offset
        y -= top
        if not 0 <= y < len(self.drawing.rows):
            return Strip.blank(width, style)
        row = Strip(self.drawing.rows[y], self.drawing.columns).apply_style(style)
        return Strip.join([Strip.blank(left, style), row]).adjust_cell_length(width, style)


class PictureDialog(Dialog[None]):
    """Pictures of one message."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", show=False),
        Binding("right", "turn(1)", show=False),
    ]

    def __init__(
        self,
        files: Sequence[m.File],
        draw: Draw,
        replace: Callable[[Drawing, Drawing], object],
        overlay: Callable[[Overlay | None], object],
    ) -> None:
        """`replace` tells the terminal which drawing goes, and which one comes.

        `overlay` draws over the cells.
        """
        super().__init__()
        self._files = files
        self._draw = draw
        self._replace = replace
        self._overlay = overlay
        self._at = 0
        self._drawing = NOTHING
        self._drawn_for: tuple[int, Size] | None = None

    def compose(self) -> ComposeResult:
        yield text("", id="name")
        yield Canvas()
        turn = " · ←/→: other pictures" if len(self._files) > 1 else ""
        yield text(f"Esc: close{turn}", "keys")

    def on_mount(self) -> None:
        self.call_after_refresh(self._show)

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)

    def on_unmount(self) -> None:
        self._replace(self._drawing, NOTHING)
        self._overlay(None)

    def action_turn(self, by: int) -> None:
        self._at = (self._at + by) % len(self._files)
        self._show()

    @work(exclusive=True)
    async def _show(self) -> None:
        """Show the picture whose turn it is, in the size that there is now."""
        canvas, file = self.query_one(Canvas), self._files[self._at]
        if not canvas.size or self._drawn_for == (self._at, canvas.size):
            return
        self._put(NOTHING, f"{described(file)}: loading…")
        size = canvas.size
        try:
            drawing = await self._draw(file, size.width, size.height)
        except (CannotSave, NotDownloaded, PictureError) as exc:
            self._put(NOTHING, f"{described(file)}: {clean_line(str(exc))}")
        else:
            number = f"{self._at + 1} of {len(self._files)}: " if len(self._files) > 1 else ""
            self._put(drawing, f"{number}{described(file)}")
        self._drawn_for = self._at, size

    def _put(self, drawing: Drawing, words: str) -> None:
        self._replace(self._drawing, drawing)
        self._drawing = drawing
        canvas = self.query_one(Canvas)
        canvas.show(drawing)
        self._overlay(canvas.overlay)
        self.query_one("#name", Label).update(Content(words))
