"""The rows of one room, and the reader's place in them.

Every room has a model of its own, shown or not, so that switching back to a room shows
the same lines at the same height. Does not know widths: how many screen lines a row
takes is up to the widget.

Each row has an ordinal, a number that grows from top to bottom. A row added at either
end leaves the other ordinals alone; one inserted in between renumbers the shorter side.
Changes near an end, where rooms change, are therefore cheap however long the room is.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from chat_tui.ui.log.author_colors import AuthorColors
from chat_tui.ui.log.rows import DayRow, MessageRow, Row, RowKey

ROW_START = -2
"""The offset of the first line above a row's text: the header, else the quoted message."""


@dataclass(frozen=True, slots=True)
class Splice:
    """`removed` rows at `index` were replaced by `added` others."""

    index: int
    removed: int
    added: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where the reader is, independent of the width."""

    key: RowKey
    offset: int = ROW_START
    """Characters into the text of the row, which name a screen line of it."""
    above: int = 0
    """Screen lines between the top of the view and that line."""


class LogModel:
    """An ordered log with one row per key.

    `on_change` is called after every change.
    """

    def __init__(
        self,
        rows: Iterable[Row] = (),
        *,
        more_above: bool = False,
        more_below: bool = False,
        authors: AuthorColors | None = None,
    ) -> None:
        self._rows: list[Row] = []
        self._ordinals: dict[RowKey, int] = {}
        self._base = 0
        self.on_change: Callable[[Splice], None] | None = None
        self.more_above = more_above
        """The server has rows older than the first."""
        self.asked_above = False
        """Those have been asked for; `prepend` answers."""
        self.more_below = more_below
        """The server has rows newer than the last: the end of the log is not that of the room."""
        self.asked_below = False
        """Those have been asked for; `extend` answers."""
        self.follow = True
        """The newest row is kept in view."""
        self.place: Place | None = None
        """Where the reader is while not following."""
        self.new_below = 0
        """Messages by others that arrived since the reader stopped following."""
        self.unfolded: set[RowKey] = set()
        """Long messages that are shown whole."""
        self.authors = authors or AuthorColors()
        self._splice(0, 0, list(rows))

    @property
    def rows(self) -> Sequence[Row]:
        return self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Row:
        return self._rows[index]

    def __contains__(self, key: RowKey) -> bool:
        return key in self._ordinals

    def index(self, key: RowKey) -> int:
        """Return the position of a row. Raises KeyError for a key that is not here."""
        return self._ordinals[key] - self._base

    def ordinal(self, index: int) -> int:
        return self._base + index

    def index_of_ordinal(self, ordinal: int) -> int:
        """Return the position nearest to a row's ordinal, even if that row is gone."""
        return max(0, min(ordinal - self._base, len(self._rows) - 1))

    def last_message(self) -> MessageRow | None:
        """Return the newest message, which `with_days` takes before appending."""
        newest_first = reversed(self._rows)
        return next((row for row in newest_first if isinstance(row, MessageRow)), None)

    def append(self, rows: Iterable[Row]) -> None:
        """Add new rows at the end, as one change.

        Raises ValueError for a key that is in the log already, as all methods that add rows.
        """
        batch = list(rows)
        self._count_new(batch)
        self._splice(len(self._rows), 0, batch)

    def extend(self, rows: Iterable[Row], *, more: bool = False) -> None:
        """Add a requested page of newer `rows` at the end.

        They do not count as new. `more` is as in `prepend`.
        """
        self.more_below = more
        self.asked_below = False
        self._splice(len(self._rows), 0, list(rows))

    def prepend(self, rows: Iterable[Row], *, more: bool = False) -> None:
        """Add a requested page of older `rows` at the start.

        `more`: there are still older ones. No rows and `more` means that the request
        failed; it is repeated when the reader next scrolls.
        """
        self.more_above = more
        self.asked_above = False
        self._splice(0, 0, list(rows))

    def insert(self, before: RowKey, rows: Iterable[Row]) -> None:
        """Insert `rows` above the row `before`, such as new messages above queued ones."""
        batch = list(rows)
        self._count_new(batch)
        self._splice(self.index(before), 0, batch)

    def replace(self, key: RowKey, *rows: Row) -> None:
        """Replace a row by `rows`: an edit, an accepted message, a filled gap."""
        self._splice(self.index(key), 1, list(rows))

    def remove(self, key: RowKey) -> None:
        self._splice(self.index(key), 1, [])

    def remove_all(self, keys: Iterable[RowKey]) -> None:
        """Remove these rows, neighbours as one change."""
        positions = sorted(self.index(key) for key in keys)
        runs = groupby(enumerate(positions), key=lambda pair: pair[1] - pair[0])
        for run in reversed([[position for _, position in run] for _, run in runs]):
            self._splice(run[0], len(run), [])

    def start_over(
        self, rows: Iterable[Row], *, more_above: bool = False, more_below: bool = False
    ) -> None:
        """Replace all rows. A reader whose row is among the new ones stays there."""
        self.more_above, self.more_below = more_above, more_below
        self.asked_above = self.asked_below = False
        self._splice(0, len(self._rows), list(rows))

    def unfold(self, key: RowKey) -> None:
        """Show a long message whole."""
        self.unfolded.add(key)
        index = self.index(key)
        self._notify(Splice(index, 1, 1))

    def follow_end(self) -> None:
        """Follow the newest row."""
        self.follow = True
        self.place = None
        self.new_below = 0

    def stay(self, place: Place) -> None:
        """Stop following, and stay at `place`."""
        self.follow = False
        self.place = place

    def _count_new(self, rows: Sequence[Row]) -> None:
        if not self.follow:
            self.new_below += sum(isinstance(row, MessageRow) and not row.own for row in rows)

    def _splice(self, index: int, removed: int, rows: list[Row]) -> None:
        removed += self._separator_follows(index + removed, rows)
        if not rows and not removed:
            return
        old = self._rows[index : index + removed]
        self._check_keys(old, rows)
        for row in old:
            del self._ordinals[row.key]
        self._rows[index : index + removed] = rows
        self._renumber(index, len(rows), len(rows) - removed)
        self._color(rows)
        self.unfolded.difference_update({row.key for row in old} - {row.key for row in rows})
        self._move_place(index, old, rows)
        self._notify(Splice(index, removed, len(rows)))

    def _separator_follows(self, index: int, rows: Sequence[Row]) -> bool:
        """Say whether the row at `index` repeats a day separator of `rows`."""
        if index >= len(self._rows) or not isinstance(self._rows[index], DayRow):
            return False
        return self._rows[index] in rows

    def _check_keys(self, old: Sequence[Row], new: Sequence[Row]) -> None:
        leaving = {row.key for row in old}
        for key, count in Counter(row.key for row in new).items():
            if count > 1 or (key in self._ordinals and key not in leaving):
                raise ValueError(f"row {key} is in the log already")

    def _renumber(self, index: int, added: int, shift: int) -> None:
        end = index + added
        touched = range(index, end)
        if shift and index < len(self._rows) - end:
            self._base -= shift
            touched = range(end)
        elif shift:
            touched = range(index, len(self._rows))
        for position in touched:
            self._ordinals[self._rows[position].key] = self._base + position

    def _color(self, rows: Iterable[Row]) -> None:
        """Assign colors in the order of the log, whichever rows are drawn first."""
        for row in rows:
            if isinstance(row, MessageRow):
                self.authors.part(row.author)

    def _move_place(self, index: int, old: Sequence[Row], new: Sequence[Row]) -> None:
        """Move a reader whose row is gone to the row in its place, or the next."""
        place = self.place
        if place is None or place.key in self._ordinals:
            return
        if not self._rows:
            self.follow_end()
        elif len(old) == len(new):
            position = next(n for n, row in enumerate(old) if row.key == place.key)
            self.place = Place(new[position].key, place.offset, place.above)
        else:
            nearest = min(index + len(new), len(self._rows) - 1)
            self.place = Place(self._rows[nearest].key, ROW_START, place.above)

    def _notify(self, splice: Splice) -> None:
        if self.on_change is not None:
            self.on_change(splice)
