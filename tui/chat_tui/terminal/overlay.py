"""Draws over the cells of a widget, by what the terminal draws beside text.

What is drawn there later hides or erases it, so it is drawn again after each update of these cells.
Like `textual_internals`, it uses Textual's private API.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from rich.console import Console
from textual._compositor import CompositorUpdate
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.widget import Widget

from chat_tui.terminal.compositor import FrontCompositor, PiecesUpdate

# Some terminals show it again behind cells without a color of their own, until they are cleared.
_CLEAR: Final = "\x1b[2J"


class Overlay(NamedTuple):
    """What is drawn over a widget while it has a size."""

    widget: Widget
    size: Size
    region: Region  # of the cells, within the widget
    sequence: str

    @property
    def cells(self) -> Region:
        """The cells on the screen."""
        return self.region.translate(self.widget.region.offset)

    def is_due(self, update: CompositorUpdate, screen: Screen[object]) -> bool:
        """Return whether `update` of `screen` draws the cells, and they are where they were."""
        draws = not isinstance(update, PiecesUpdate) or self.widget in update.widgets
        return draws and self.is_seen(screen)

    def is_seen(self, screen: Screen[object]) -> bool:
        """Return whether the cells are on `screen`, and where they were."""
        is_there = self.widget.is_attached and self.widget.screen is screen
        return is_there and self.widget.size == self.size


class _Sequence(CompositorUpdate):
    def __init__(self, sequence: str) -> None:
        self._sequence = sequence

    def render_segments(self, console: Console) -> str:
        return self._sequence


class _Together(CompositorUpdate):
    """Updates that are drawn one after the other."""

    def __init__(self, updates: Sequence[CompositorUpdate]) -> None:
        self._updates = updates

    def render_segments(self, console: Console) -> str:
        return "".join([update.render_segments(console) for update in self._updates])


class OverlayPainter:
    """Draws an overlay, if there is one, on a terminal."""

    def __init__(self) -> None:
        self.overlay: Overlay | None = None
        self._is_drawn = False  # something may be left of an overlay

    def is_due(self, update: CompositorUpdate, screen: Screen[object]) -> bool:
        """Return whether `update` of `screen` hides the overlay, which must be drawn again."""
        return self.overlay is not None and self.overlay.is_due(update, screen)

    def cleared(self, update: CompositorUpdate) -> CompositorUpdate:
        """Return `update`, without what is left of overlays if it draws everything."""
        if not self._is_drawn or isinstance(update, PiecesUpdate):
            return update
        self._is_drawn = False
        return _Together([_Sequence(_CLEAR), update])

    def drawn(self, screen: Screen[object]) -> CompositorUpdate | None:
        """Return what draws the overlay, and what is in front of it on `screen`."""
        overlay, compositor = self.overlay, screen._compositor
        if overlay is None or not overlay.is_seen(screen):
            return None
        assert isinstance(compositor, FrontCompositor)
        self._is_drawn = True
        cells = overlay.cells
        beside = Region(cells.right, cells.y, 1, cells.height)  # Konsole erases this column
        return _Together(
            [
                _Sequence(f"\x1b[{cells.y + 1};{cells.x + 1}H{overlay.sequence}"),
                compositor.render_in_front(overlay.widget, cells),
                compositor.render_region(beside),
            ]
        )
