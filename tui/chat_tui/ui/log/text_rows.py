"""Wraps the text of a message: quotes keep their bar, items hang, code keeps its spaces."""

from collections.abc import Iterator
from typing import NamedTuple

from rich.cells import cell_len

from chat_tui.markup.message_text import BAR, MessageText, TextLine
from chat_tui.ui.log.lines import Run
from chat_tui.ui.log.wrapping import cut_line, wrap, wrap_line

# In front of every row of code, which it sets apart without colors, too.
CODE_LEAD = Run("│ ", "code-bar")

# Cells. A narrower text is not indented: the words need the room.
_ENOUGH = 12


class TextRow(NamedTuple):
    """The characters of one row, and what precedes them."""

    start: int
    end: int
    lead: tuple[Run, ...] = ()


def text_rows(text: MessageText, width: int) -> list[TextRow]:
    """Return the rows of `text`, none wider than `width` cells including what precedes it."""
    if not text.lines:
        return [TextRow(start, end) for start, end in wrap(text.body, width)]
    return [row for line in text.lines for row in _rows(text.body, line, width)]


def _rows(body: str, line: TextLine, width: int) -> Iterator[TextRow]:
    if line.code:
        room = max(1, width - cell_len(CODE_LEAD.text))
        for start, end in cut_line(body, line.start, line.end, room):
            yield TextRow(start, end, (CODE_LEAD,))
        return
    hang = line.hang if width - cell_len(line.hang) >= _ENOUGH else ""
    lead = line.lead if hang else 0
    room = width - cell_len(hang)
    rest = (Run(hang, "bar" if BAR in hang else "text"),) if hang else ()
    for start, end in wrap_line(body, line.start + lead, line.end, room):
        first = start == line.start + lead
        yield TextRow(line.start, end) if first else TextRow(start, end, rest)
