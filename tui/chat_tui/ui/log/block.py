"""Lays out one row of the log: which words go on which screen line.

All text by others is sanitized here, including what the log copies. Messages
have a module of their own, `message`.
"""

from rich.cells import cell_len, set_cell_size

from chat_shared.text import clean_line
from chat_tui.markup.message_text import MessageText, read_text
from chat_tui.ui.log.lines import LEFT_EDGE, Block, Columns, Line, Run, Shape, clock
from chat_tui.ui.log.message import estimate_message, lay_out_message
from chat_tui.ui.log.rows import DayRow, GapRow, MessageRow, NoticeRow, Row, UnreadRow
from chat_tui.ui.log.wrapping import wrap


def estimate_height(row: Row, shape: Shape) -> int:
    """Return about how many lines `lay_out` would make of `row`; cheap enough for every row."""
    return estimate_message(row, shape) if isinstance(row, MessageRow) else 1


def text_of(row: Row) -> MessageText:
    """Return the text of `row` that can be selected and copied, sanitized."""
    match row:
        case MessageRow(deleted=False):
            return read_text(row.text)
        case NoticeRow():
            return MessageText(clean_line(row.text))
        case _:
            return MessageText("")


def lay_out(row: Row, shape: Shape) -> Block:
    """Return `row` as screen lines."""
    match row:
        case MessageRow():
            return lay_out_message(row, text_of(row), shape)
        case NoticeRow():
            return _notice(row, shape.columns)
        case DayRow():
            label = f"{row.day:%A} {row.day.day} {row.day:%B %Y}"
            return _rule(row, label, "day", shape.columns)
        case UnreadRow():
            return _rule(row, _new_since(row, shape), "unread", shape.columns)
        case GapRow():
            return _rule(row, row.text, "gap", shape.columns)


def _new_since(row: UnreadRow, shape: Shape) -> str:
    if row.since is None:
        return "new"
    at = row.since.astimezone(shape.zone)
    day = "" if row.today else f"{at:%a} {at.day} {at:%b} "
    return f"new since {day}{clock(at, shape.zone)}"


def _rule(row: Row, label: str, part: str, columns: Columns) -> Block:
    """Return a line across the log with `label` in its middle."""
    room = max(0, columns.used - LEFT_EDGE - 1)
    words = f" {label} "
    if cell_len(words) > room:
        words = set_cell_size(label, room)
    left = (room - cell_len(words)) // 2
    right = room - cell_len(words) - left
    tail = (Run(" " * LEFT_EDGE + "─" * left, "rule"), Run(words, part), Run("─" * right, "rule"))
    return Block(row, MessageText(""), part, (Line(0, tail=tail),))


def _notice(row: NoticeRow, columns: Columns) -> Block:
    text = text_of(row)
    lead = (Run(" " * (columns.text_start - 2) + "· ", "notice"),)
    rest = (Run(" " * columns.text_start, "text"),)
    lines = tuple(
        Line(start, rest if start else lead, text.body[start:end])
        for start, end in wrap(text.body, columns.text_width)
    )
    return Block(row, text, "notice", lines)
