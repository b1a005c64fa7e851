"""Where rows can be added to a log: at its start, and above the messages that wait at its end."""

from itertools import takewhile

from chat_tui.ui.log.log_model import LogModel
from chat_tui.ui.log.rows import MessageRow, Row, RowKey


def may_precede(log: LogModel, row: Row) -> bool:
    """Return whether `row` can be added at the start, where `log` drops a repeated separator."""
    return row.key not in log or log.index(row.key) == 0


def tail(log: LogModel) -> list[Row]:
    """Return the rows of the outbox, which are at the end, from the last to the first."""
    end = takewhile(lambda row: row.key[0] != "seq", reversed(log.rows))
    return [row for row in end if row.key[0] == "nonce"]


def first_waiting(log: LogModel) -> RowKey | None:
    """Return the first row of the outbox, even of a message that has left it meanwhile."""
    rows = tail(log)
    return rows[-1].key if rows else None


def last_message(log: LogModel, waiting: RowKey | None) -> Row | None:
    """Return the message after which new ones are added."""
    index = len(log) if waiting is None else log.index(waiting)
    above = (log[n] for n in range(index - 1, -1, -1))
    return next((row for row in above if isinstance(row, MessageRow)), None)
