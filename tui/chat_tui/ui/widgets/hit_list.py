"""Search results, newest first: room, author, time, and an excerpt with the matches marked."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from chat_shared import messages as m
from chat_shared.names import is_direct
from chat_shared.text import clean_line
from chat_tui.markup.excerpts import excerpt
from chat_tui.markup.files import gist
from chat_tui.markup.times import read_time
from chat_tui.ui.log.lines import cut

_NAMES: Final = 100  # cells of the names of files: more than fit a row with a text
_NEAR: Final = 5  # hits, or rows: this near the end the next page is requested

_STEPS: Final = {"up": -1, "down": 1, "page_up": -_NEAR, "page_down": _NEAR}


class HitList(OptionList):
    """Two rows per hit. Posts `OptionSelected`, whose index is that of `hits`."""

    class MoreWanted(Message):
        """The view is near the end; the next page is wanted."""

    def __init__(self, title_of: Callable[[str], str]) -> None:
        """`title_of` returns the title of a room."""
        super().__init__(markup=False, id="hits")
        self._title_of = title_of
        self.hits: list[m.Hit] = []

    def show(self, hits: Iterable[m.Hit]) -> None:
        """Replace the hits."""
        self.hits = list(hits)
        self.set_options(Option(row(hit, self._title_of)) for hit in self.hits)
        self.highlighted = 0 if self.hits else None

    def extend(self, hits: Iterable[m.Hit]) -> None:
        """Add hits at the end, without moving the view."""
        more = list(hits)
        self.hits += more
        self.add_options(Option(row(hit, self._title_of)) for hit in more)

    @property
    def chosen(self) -> m.Hit | None:
        return self.hits[self.highlighted] if self.highlighted is not None else None

    def step(self, way: str) -> None:
        """Move the highlight, without wrapping around: there may be more below."""
        at = self.highlighted
        if at is None:
            return
        to = at + _STEPS[way]
        self.highlighted = min(max(0, to), len(self.hits) - 1)
        if to >= len(self.hits):  # asks again where a page failed
            self.post_message(self.MoreWanted())

    def watch_highlighted(self, highlighted: int | None) -> None:
        super().watch_highlighted(highlighted)
        if highlighted is not None and highlighted >= len(self.hits) - _NEAR:
            self.post_message(self.MoreWanted())

    def watch_scroll_y(self, old: float, new: float) -> None:
        super().watch_scroll_y(old, new)
        if new > old and new >= self.max_scroll_y - _NEAR:
            self.post_message(self.MoreWanted())


def row(hit: m.Hit, title_of: Callable[[str], str]) -> Content:
    """Return the two rows of a hit."""
    place = title_of(hit.room)
    sign = "@ " if is_direct(hit.room) else "# "
    pieces = (
        (piece.text, "bold $text-warning" if piece.found else "")
        for piece in excerpt(hit.text, hit.marks)
    )
    return Content.assemble(
        (f"{sign}{clean_line(place)}", "$text-accent"),
        "  ",
        (clean_line(hit.author), "bold"),
        (f"  {_local(read_time(hit.at))}\n", "$foreground-muted"),
        "  ",
        *pieces,
        (_named(hit), "$text-primary"),
    )


def _named(hit: m.Hit) -> str:
    """Return the names of the files of a hit, behind its text if it has one."""
    names = cut(gist("", hit.files), _NAMES)
    return f"  {names}" if names and hit.text else names


def _local(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M}"
