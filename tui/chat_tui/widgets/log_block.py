"""One row of the log, laid out: which words go on which screen line.

A block is a row at a width, with names for what is what ("time", "author-3")
and without a single colour. Everything that others wrote is cleaned here, and
so is everything the log copies.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cached_property
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from chat_shared.text import clean, clean_line
from chat_tui.log_model import ROW_START
from chat_tui.rows import DayRow, GapRow, MessageRow, NoticeRow, Row, UnreadRow
from chat_tui.widgets.author_colors import author_part
from chat_tui.widgets.wrapping import Span, estimate_rows, wrap

# Lines longer than this are hard to come back from: the eye loses its row.
MAX_TEXT_WIDTH = 100

# What the nick column holds; longer names are cut where they stand in it.
NICK_WIDTH = 14

# A message of more rows is folded: half a tall screen, so that no single
# message takes all of one.
FOLD_AT = 40

_MARK = "▌"
_TIME_WIDTH = len("00:00")


class Run(NamedTuple):
    """Some text of one kind."""

    text: str
    part: str


@dataclass(frozen=True)
class Columns:
    """How the log divides its width."""

    width: int
    aligned: bool
    """Names in a column of their own; otherwise in a line above the text."""

    @cached_property
    def text_start(self) -> int:
        return 1 + NICK_WIDTH + 1 + _TIME_WIDTH + 2 if self.aligned else 2

    @cached_property
    def text_width(self) -> int:
        return max(1, min(MAX_TEXT_WIDTH, self.width - self.text_start - 1))

    @property
    def used(self) -> int:
        """The cells that may have something in them."""
        return min(self.width, self.text_start + self.text_width)


@dataclass(frozen=True, slots=True)
class Line:
    """One screen line: what leads to the text, the text, what follows it."""

    start: int
    """The offset in the row's body at which `text` starts; grows from line to line."""
    gutter: tuple[Run, ...] = ()
    text: str = ""
    tail: tuple[Run, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A row as lines."""

    row: Row
    body: str
    """What can be selected and copied."""
    part: str
    """The kind of text the body is."""
    lines: tuple[Line, ...]

    def line_at(self, offset: int) -> int:
        """Return the line on which the character at `offset` stands."""
        starts = [line.start for line in self.lines]
        return max(0, bisect_right(starts, offset) - 1)

    def is_fold(self, number: int) -> bool:
        """Say whether line `number` stands for lines that are not shown."""
        tail = self.lines[number].tail
        return bool(tail) and tail[0].part == "fold"


@dataclass(frozen=True, slots=True)
class Shape:
    """What decides how a row is laid out, besides the row."""

    columns: Columns
    continued: bool = False
    """The row above is by the same author, whose name is not repeated."""
    unfolded: bool = False
    zone: tzinfo | None = None


def estimate_height(row: Row, shape: Shape) -> int:
    """Return about how many lines `lay_out` would make of `row`; cheap enough for every row."""
    if not isinstance(row, MessageRow):
        return 1
    columns = shape.columns
    lines = estimate_rows(row.text, columns.text_width)
    if lines > FOLD_AT and not shape.unfolded:
        lines = FOLD_AT + 1
    header = not (columns.aligned or shape.continued)
    return lines + header + (row.status == "refused")


def body_of(row: Row) -> str:
    """Return what of `row` can be selected and copied, harmless to show."""
    match row:
        case MessageRow():
            return clean(row.text).expandtabs(4)
        case NoticeRow():
            return clean_line(row.text)
        case _:
            return ""


def lay_out(row: Row, shape: Shape) -> Block:
    """Return `row` as screen lines."""
    match row:
        case MessageRow():
            return _message(row, shape)
        case NoticeRow():
            return _notice(row, shape.columns)
        case DayRow():
            label = f"{row.day:%A} {row.day.day} {row.day:%B %Y}"
            return _rule(row, label, "day", shape.columns)
        case UnreadRow():
            label = "new" if row.since is None else f"new since {_clock(row.since, shape.zone)}"
            return _rule(row, label, "unread", shape.columns)
        case GapRow():
            return _rule(row, row.text, "gap", shape.columns)


def _clock(at: datetime, zone: tzinfo | None) -> str:
    return f"{at.astimezone(zone):%H:%M}"


def _rule(row: Row, label: str, part: str, columns: Columns) -> Block:
    """A line across the log with `label` in its middle."""
    room = max(0, columns.used - 3)
    words = f" {label} "
    if cell_len(words) > room:
        words = set_cell_size(label, room)
    left = (room - cell_len(words)) // 2
    right = room - cell_len(words) - left
    tail = (Run("  " + "─" * left, "rule"), Run(words, part), Run("─" * right, "rule"))
    return Block(row, "", part, (Line(0, tail=tail),))


def _notice(row: NoticeRow, columns: Columns) -> Block:
    body = body_of(row)
    lead = (Run(" " * (columns.text_start - 2) + "· ", "notice"),)
    rest = (Run(" " * columns.text_start, "text"),)
    lines = tuple(
        Line(start, rest if start else lead, body[start:end])
        for start, end in wrap(body, columns.text_width)
    )
    return Block(row, body, "notice", lines)


def _message(row: MessageRow, shape: Shape) -> Block:
    body = body_of(row)
    spans = wrap(body, shape.columns.text_width)
    gutter = _gutter(row, shape)
    lines = list(_body_lines(row, body, spans, gutter, shape))
    if row.status != "sent":
        _add_status(lines, row, len(body), gutter.rest, shape.columns)
    if gutter.header is not None:
        lines.insert(0, gutter.header)
    part = "text" if row.status == "sent" else "unsent"
    return Block(row, body, part, tuple(lines))


class _Gutter(NamedTuple):
    header: Line | None
    first: tuple[Run, ...]
    rest: tuple[Run, ...]


def _gutter(row: MessageRow, shape: Shape) -> _Gutter:
    mark = Run(_MARK if row.mention else " ", "mark")
    author = clean_line(row.author)
    nick = Run(_shorten(author, NICK_WIDTH), author_part(author))
    time = Run(_clock(row.at, shape.zone), "time")
    rest = (mark, Run(" " * (shape.columns.text_start - 1), "text"))
    if shape.columns.aligned:
        shown = Run("", "text") if shape.continued else nick
        fill = " " * (NICK_WIDTH + 1 - cell_len(shown.text))
        return _Gutter(None, (mark, shown, Run(fill, "text"), time, Run("  ", "text")), rest)
    header = Line(ROW_START, (mark, nick, Run("  ", "text"), time))
    return _Gutter(None if shape.continued else header, rest, rest)


def _body_lines(
    row: MessageRow, body: str, spans: list[Span], gutter: _Gutter, shape: Shape
) -> Iterator[Line]:
    """Yield the text, cut short if it is long enough to drown what others say."""
    # A fold of one line would take the very line it saves.
    folded = len(spans) > FOLD_AT + 1 and not shape.unfolded
    for n, (start, end) in enumerate(spans[:FOLD_AT] if folded else spans):
        yield Line(start, gutter.rest if n else gutter.first, body[start:end])
    if folded:
        words = f"… {len(spans) - FOLD_AT:,} more lines"
        yield Line(spans[FOLD_AT][0], gutter.rest, tail=(Run(words, "fold"),))


def _add_status(
    lines: list[Line], row: MessageRow, end: int, rest: tuple[Run, ...], columns: Columns
) -> None:
    """Say after the text what became of it."""
    if row.status == "refused":
        words = f"✗ not sent: {clean_line(row.reason)}" if row.reason else "✗ not sent"
        for n, (start, stop) in enumerate(wrap(words, columns.text_width), start=1):
            lines.append(Line(end + n, rest, tail=(Run(words[start:stop], "refused"),)))
        return
    last = lines[-1]
    sign = Run("○ queued", "queued")
    used = sum(cell_len(run.text) for run in last.tail) + cell_len(last.text)
    # On the line of the text if at all possible, or everything below would
    # jump up the moment the message is accepted.
    if used + 2 + cell_len(sign.text) <= columns.text_width:
        tail = (*last.tail, Run("  ", "text"), sign)
        lines[-1] = Line(last.start, last.gutter, last.text, tail)
    else:
        lines.append(Line(end + 1, rest, tail=(sign,)))


def _shorten(name: str, width: int) -> str:
    if cell_len(name) <= width:
        return name
    return set_cell_size(name, width - 1).rstrip() + "…"
