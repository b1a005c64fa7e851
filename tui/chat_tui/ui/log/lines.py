"""What a laid-out log consists of: runs of text on lines, lines in blocks.

A block is a row at one width. Its runs name their kind ("time", "author-3"), not a color.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cached_property
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment

from chat_tui.markup.message_text import MessageText
from chat_tui.ui.log.author_colors import AuthorColors
from chat_tui.ui.log.rows import Row

# From the end of a longer line the eye does not find the next one.
MAX_TEXT_WIDTH = 100

# The cells of the name column; longer names are cut in it.
NICK_WIDTH = 14
_NARROW_NICK_WIDTH = 10

# Below this width the text needs the room more than the names do.
_WIDE = 76

# Where everything begins: behind the mark of a mention and a space.
LEFT_EDGE = 2

# The `Line.start` of the blank line above a message.
BLANK = -3

_TIME_WIDTH = len("00:00")


class Run(NamedTuple):
    """Some text of one kind."""

    text: str
    part: str
    emoji: str = ""
    """The reaction that it shows."""


@dataclass(frozen=True)
class Columns:
    """How the log divides its width."""

    width: int
    aligned: bool
    """Names in a column of their own; otherwise in a line above the text."""

    @cached_property
    def nick_width(self) -> int:
        return NICK_WIDTH if self.width >= _WIDE or not self.aligned else _NARROW_NICK_WIDTH

    @cached_property
    def text_start(self) -> int:
        return LEFT_EDGE + self.nick_width + 1 + _TIME_WIDTH + 2 if self.aligned else LEFT_EDGE

    @cached_property
    def text_width(self) -> int:
        return max(1, min(MAX_TEXT_WIDTH, self.width - self.text_start - 1))

    @property
    def used(self) -> int:
        """The cells that may have something in them."""
        return min(self.width, self.text_start + self.text_width)


@dataclass(frozen=True, slots=True)
class Line:
    """One screen line: a gutter, text that can be selected, and a tail."""

    start: int
    """The offset in the row's body at which `text` starts; grows from line to line."""
    gutter: tuple[Run, ...] = ()
    text: str = ""
    tail: tuple[Run, ...] = ()
    picture: tuple[Segment, ...] = ()
    """A row of a picture, behind all else."""


@dataclass(frozen=True, slots=True)
class Block:
    """A row as lines."""

    row: Row
    text: MessageText
    """What can be selected and copied."""
    part: str
    """The kind of text the body is."""
    lines: tuple[Line, ...]

    @property
    def body(self) -> str:
        return self.text.body

    def line_at(self, offset: int) -> int:
        """Return the line on which the character at `offset` stands."""
        starts = [line.start for line in self.lines]
        return max(0, bisect_right(starts, offset) - 1)

    def is_fold(self, number: int) -> bool:
        """Say whether line `number` stands for lines that are not shown."""
        return self._stands_for(number, "fold")

    def is_quote(self, number: int) -> bool:
        """Say whether line `number` shows what the message answers."""
        return self._stands_for(number, "answered")

    def reaction_at(self, number: int, cell: int) -> str:
        """Return the emoji of the reaction in this cell of line `number`; nothing for none."""
        line = self.lines[number]
        for run in (*line.gutter, Run(line.text, self.part), *line.tail):
            if cell < (width := cell_len(run.text)):
                return run.emoji
            cell -= width
        return ""

    def _stands_for(self, number: int, part: str) -> bool:
        tail = self.lines[number].tail
        return bool(tail) and tail[0].part == part


@dataclass(frozen=True, slots=True)
class Shape:
    """What decides how a row is laid out, besides the row."""

    columns: Columns
    continued: bool = False
    """The row above is by the same author, whose name is not repeated."""
    unfolded: bool = False
    apart: bool = False
    """A blank line above it sets it apart from the message of another author."""
    zone: tzinfo | None = None
    authors: AuthorColors = field(default_factory=AuthorColors)


def clock(at: datetime, zone: tzinfo | None) -> str:
    return f"{at.astimezone(zone):%H:%M}"


def cut(words: str, width: int) -> str:
    """Return `words` in at most `width` cells."""
    if cell_len(words) <= width:
        return words
    return set_cell_size(words, max(0, width - 1)).rstrip() + "…"
