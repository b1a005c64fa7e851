"""A picture as rows of cells."""

from dataclasses import dataclass
from typing import Final

from rich.segment import Segment


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture as rows of segments, all of one width."""

    rows: list[list[Segment]]
    columns: int
    over: str = ""  # what draws the picture, from its first cell on, after the rows
    before: str = ""  # what the terminal must be sent once, before the rows are drawn
    after: str = ""  # and when they are drawn no more
    within: int = 0  # columns that there were for it


NOTHING: Final = Drawing([], 0)
