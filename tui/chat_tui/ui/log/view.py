"""Draws a log of any length, and keeps the reader's place in it.

Only the lines in view and around it are laid out exactly. The reader's place is kept
in the `LogModel`; the view returns to it after every change of rows, width or height,
so that the text does not move while it is read.

Does not know what rows mean, and never takes the focus: the screen calls `page_up`
and the like for its keys.
"""

from datetime import tzinfo
from functools import partial
from itertools import islice
from typing import ClassVar

from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar, ScrollDown, ScrollUp
from textual.selection import Selection
from textual.strip import Strip

from chat_tui.ui.log.drawn_rows import DrawnRows
from chat_tui.ui.log.layout import LogLayout
from chat_tui.ui.log.lines import Columns
from chat_tui.ui.log.log_model import LogModel, Place, Splice
from chat_tui.ui.log.painter import PLAIN, Filters, Paint, Painter
from chat_tui.ui.log.pointing import pointable
from chat_tui.ui.log.rows import RowKey
from chat_tui.ui.log.scroll_thumb import Thumb, thumb_of
from chat_tui.ui.log.selection import span_in
from chat_tui.ui.log.style import LOG_CSS, LOOKS, PARTS, part_style

# Lines from the end that count as the end when scrolling down: it moves away with
# every message, and is hard to hit exactly.
FOLLOW_TOLERANCE = 2

# In a narrower log, a column of names leaves too little for the text.
ALIGNED_FROM = 100

# Lines of the old page that stay in view after turning it.
PAGE_OVERLAP = 1


class LogView(ScrollView, can_focus=False):
    """Shows a `LogModel`, follows its end, and stays where the reader scrolled to."""

    DEFAULT_CSS = LOG_CSS
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"message-log--{part}" for part in (*PARTS, *LOOKS)}

    def __init__(
        self,
        model: LogModel | None = None,
        *,
        aligned_from: int = ALIGNED_FROM,
        zone: tzinfo | None = None,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """Show `model`, times in `zone` (None: this computer's).

        From `aligned_from` columns of its own width on the log has a column for names.
        """
        super().__init__(name=name, id=id, classes=classes)
        self._aligned_from = aligned_from
        self._zone = zone
        self._painter = Painter(partial(part_style, self), self._filters)
        self._thumb = Thumb(0, 0)
        self._placed_size = Size(0, 0)
        self._cursor: RowKey | None = None
        self._model = LogModel() if model is None else model
        self._model.on_change = self._model_changed
        self._lines = LogLayout(self._model, Columns(0, False), zone)
        self._drawn = DrawnRows(self._model, self._paint)

    @property
    def model(self) -> LogModel:
        """What is shown; its changes show at once."""
        return self._model

    def show(self, model: LogModel) -> None:
        """Show another room, where its reader left it."""
        self._model.on_change = None
        self._model = model
        model.on_change = self._model_changed
        self._lay_out()

    def view_changed(self) -> None:
        """Called after rows were added, removed or scrolled."""

    # --- what keys of the screen call

    def page_up(self) -> None:
        self._scroll_lines(-self._page)

    def page_down(self) -> None:
        self._scroll_lines(self._page)

    def line_up(self) -> None:
        self._scroll_lines(-1)

    def line_down(self) -> None:
        self._scroll_lines(1)

    def to_start(self) -> None:
        self._scroll_lines(-self._lines.total)

    def to_end(self) -> None:
        """Show the newest row and follow the end."""
        self._model.follow_end()
        self._keep_place()
        self.view_changed()

    def to_row(self, key: RowKey) -> None:
        """Show a row, with some lines above it. Raises KeyError if the model has no such row."""
        self._model.index(key)
        self._model.stay(Place(key, above=self.size.height // 4))
        self._keep_place()
        self._arrived()

    # --- what Textual calls

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._forget_drawn()

    def render_line(self, y: int) -> Strip:
        """Return one line of the view, from which Textual reads what the mouse is on."""
        line = self._line_at(y)
        return pointable(self._draw_lines(range(line, line + 1), points=True)[0])

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines in view, without Textual's borders and paddings: the log has none.

        Textual would wrap every strip in a new one, which loses what a strip caches of its
        crops and styles; nearly all of these were drawn before.
        """
        top = self._line_at(0)
        strips = self._draw_lines(range(top + crop.y, top + crop.bottom))
        if crop.column_span != (0, self.size.width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        if round(old_value) == round(new_value):
            return
        self._draw_view()
        # When the widget shrinks it is Textual that scrolls, not the reader.
        if self.size == self._placed_size:
            self._reader_moved(down=new_value > old_value)

    def on_resize(self) -> None:
        self._lay_out()

    def on_unmount(self) -> None:
        self._model.on_change = None

    def on_scroll_up(self, event: ScrollUp) -> None:
        """Turn the page at a click above the thumb, without Textual's animation.

        New rows may overtake it.
        """
        event.prevent_default().stop()
        self.page_up()

    def on_scroll_down(self, event: ScrollDown) -> None:
        event.prevent_default().stop()
        self.page_down()

    # --- keeping the place

    @property
    def _page(self) -> int:
        return max(1, self.size.height - PAGE_OVERLAP)

    def _line_at(self, y: int) -> int:
        """Return the line of the log at row `y` of the widget; negative above a short log.

        A log that does not fill the view stands at its bottom, next to the composer.
        """
        return self.scroll_offset.y + y - max(0, self.size.height - self._lines.total)

    @property
    def _rows_in_view(self) -> range:
        return self._lines.rows_in(self.scroll_offset.y, self.size.height)

    def _lay_out(self) -> None:
        width = self.size.width
        columns = Columns(width, aligned=width >= self._aligned_from)
        self._lines = LogLayout(self._model, columns, self._zone)
        self._forget_drawn()
        self._keep_place()
        self.view_changed()
        self.refresh()

    def _model_changed(self, change: Splice) -> None:
        # Not by the rows in view: rows below the last one of a short log are seen.
        below_view = self._lines.top(change.index) >= self.scroll_offset.y + self.size.height
        self._lines.splice(change)
        for row in self._model.rows[change.index : change.index + change.added]:
            self._drawn.forget(row.key)  # unfolded, it is the same row
        has_moved = self._keep_place()
        self.view_changed()
        if not (has_moved or below_view):
            self._draw_view()

    def _keep_place(self) -> bool:
        """Scroll to the reader's place in the model; return whether that was elsewhere."""
        height = self.size.height
        return bool(height) and self._move_to(self._lines.view_start(height))

    def _move_to(self, line: int) -> bool:
        self._placed_size = self.size
        # Setting `virtual_size` the usual way lays out the whole screen, which does not
        # depend on how much there is to scroll.
        self.set_reactive(LogView.virtual_size, Size(self.size.width, self._lines.total))
        line = max(0, min(line, self.max_scroll_y))
        # Dragging a selection over the edge scrolls by fractions of a line.
        is_elsewhere = round(self.scroll_y) != line
        if is_elsewhere:
            # `scroll_to` costs as much as all the rest, for other widgets and for animations.
            self.set_reactive(LogView.scroll_target_y, line)
            self.set_scroll(None, line)
            self._draw_view()
        self._draw_thumb()
        return is_elsewhere

    def _draw_view(self) -> None:
        """Draw everything but the scrollbar, which covers the last column."""
        self.refresh(self.size.region.shrink((0, self.scrollbar_size_vertical, 0, 0)))

    def _draw_thumb(self) -> None:
        """Update the scrollbar, and draw it only if that makes a difference.

        Drawing it costs as much as drawing the log, and few messages move it.
        """
        if not self.show_vertical_scrollbar:
            return
        total, bar = self._lines.total, self.vertical_scrollbar
        bar.set_reactive(ScrollBar.window_virtual_size, total)
        bar.set_reactive(ScrollBar.position, self.scroll_y)
        thumb = thumb_of(self.size.height, total, self.scroll_y)
        if thumb.differs_from(self._thumb, self.size.height):
            self._thumb = thumb
            bar.refresh()

    def _scroll_lines(self, lines: int) -> None:
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False, force=True)

    def _reader_moved(self, *, down: bool) -> None:
        self._model.stay(self._lines.place_at(self.scroll_offset.y, self.size.height))
        self._keep_place()
        self._arrived(FOLLOW_TOLERANCE if down else 0)

    def _arrived(self, tolerance: int = 0) -> None:
        at_end = self.max_scroll_y - self.scroll_offset.y <= tolerance
        if at_end and not self._model.more_below:
            self._model.follow_end()
        self.view_changed()

    # --- drawing

    def _forget_drawn(self) -> None:
        """Draw everything anew: in other styles, another width, or of another room."""
        self._painter.forget()
        self._drawn = DrawnRows(self._model, self._paint)

    def _filters(self) -> Filters:
        _, background = self.background_colors
        return Filters(self.get_line_filters(), background)

    def _draw_lines(self, lines: range, *, points: bool = False) -> list[Strip]:
        """Return `lines` of the log, blank ones above and below it; see `Paint` for `points`."""
        selection = self.text_selection
        blank = self._painter.blank(self.size.width)
        inside = range(max(0, lines.start), min(lines.stop, self._lines.total))
        # Textual draws once between a change of size and `on_resize`.
        if not inside or self._lines.columns.width != self.size.width:
            return [blank] * len(lines)
        places = islice(self._lines.lines_from(inside.start), len(inside))
        strips = [self._draw_line(*place, selection, points) for place in places]
        above, below = inside.start - lines.start, lines.stop - inside.stop
        return [*[blank] * above, *strips, *[blank] * below]

    def _draw_line(
        self, index: int, number: int, selection: Selection | None, points: bool
    ) -> Strip:
        """Return line `number` of the row at `index`."""
        is_picked = self._model[index].key == self._cursor
        if not (selection or is_picked or points):
            return self._drawn.line(index, number)
        ordinal, body = self._model.ordinal(index), self._lines.block(index).body
        selected = span_in(selection, ordinal, body) if selection else None
        return self._paint(index, number, Paint(selected, is_picked, points))

    def _paint(self, index: int, number: int, look: Paint = PLAIN) -> Strip:
        block = self._lines.block(index)
        number = min(number, len(block.lines) - 1)
        ordinal = self._model.ordinal(index)
        return self._painter.strip(block, number, ordinal, self.size.width, look)
