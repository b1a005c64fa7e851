"""Puts the entries of a room's moderation log between its messages, where they belong by time."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime, time
from itertools import groupby

from chat_shared import messages as m
from chat_tui.commands import audit_text
from chat_tui.markup.times import read_time
from chat_tui.model.changes import Audited, Change
from chat_tui.model.room import Room
from chat_tui.ui.log.log_model import LogModel
from chat_tui.ui.log.rows import DayRow, MessageRow, NoticeRow, Row, RowKey


def draw_audit(room: Room, log: LogModel, waiting: RowKey | None, now: datetime) -> None:
    """Insert the entries that `log` lacks, but for those from beyond the messages it has.

    `waiting` is the row above which new ones are added, if not at the end.
    """
    entries = room.audit.entries
    since = room.lines[0].at if room.lines and room.has_older else ""
    missing = [entries[id] for id in sorted(entries) if ("audit", id) not in log]
    missing = [entry for entry in missing if entry.at >= since]  # such times sort as text
    if not missing:
        return
    log.remove_all([row.key for row in log.rows if _is_forgotten(room, row)])
    anchors = list(_anchors(room, log))
    times = [at for at, _ in anchors]
    rows: dict[RowKey | None, list[Row]] = {}
    for entry in missing:
        index = bisect_right(times, read_time(entry.at))
        if index < len(anchors):
            rows.setdefault(anchors[index][1], []).append(_row(entry, now))
        elif not log.more_below:
            rows.setdefault(waiting, []).append(_row(entry, now))
    for before, new in rows.items():
        if before is None:
            log.append(new)
        else:
            log.insert(before, new)


def _anchors(room: Room, log: LogModel) -> Iterator[tuple[datetime, RowKey]]:
    """Yield the rows that have a time and a place of their own, in order."""
    for row in log.rows:
        match row:
            case MessageRow(key=("seq", _)):
                yield row.at, row.key
            case DayRow(day):
                yield datetime.combine(day, time()).astimezone(), row.key
            case NoticeRow(key=("audit", int(id))) if id in room.audit.entries:
                yield read_time(room.audit.entries[id].at), row.key


def _is_forgotten(room: Room, row: Row) -> bool:
    return row.key[0] == "audit" and row.key[1] not in room.audit.entries


def _row(entry: m.AuditEntry, now: datetime) -> NoticeRow:
    return NoticeRow(("audit", entry.id), audit_text.sentence(entry, now))


def without_repetition(changes: Iterable[Change]) -> Iterator[Change]:
    """Yield `changes`; of audit entries of a room that follow each other, only the last.

    All are drawn then: the state has them already.
    """
    for _, run in groupby(changes, key=_room_of_audit):
        *before, last = run
        if not isinstance(last, Audited):
            yield from before
        yield last


def _room_of_audit(change: Change) -> str | None:
    return change.room if isinstance(change, Audited) else None
