"""Builds the rows of each room's log from the state, and keeps them up to date.

A log is built when its room is first opened. Messages in the outbox are at its end; the
unread line is above the first unread message. Does not know widgets or the network.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby, islice
from typing import Final

from chat_shared import messages as m
from chat_tui.markup.files import gist
from chat_tui.markup.times import read_time
from chat_tui.model.changes import (
    Appended,
    Audited,
    AuditLoaded,
    Change,
    MemberJoined,
    MemberLeft,
    OutboxChanged,
    Prepended,
    StartedOver,
    Updated,
)
from chat_tui.model.draft import Quote
from chat_tui.model.outbox import Status, Unsent
from chat_tui.model.room import Room, messages_in
from chat_tui.model.state import ChatState
from chat_tui.terminal.pictures.drawing import Drawing
from chat_tui.ui.log.audit_rows import draw_audit, without_repetition
from chat_tui.ui.log.author_colors import AuthorColors
from chat_tui.ui.log.log_ends import first_waiting, last_message, may_precede, tail
from chat_tui.ui.log.log_model import LogModel
from chat_tui.ui.log.notices import Notices
from chat_tui.ui.log.rows import (
    MessageRow,
    Row,
    RowKey,
    Status as RowStatus,
    UnreadRow,
    with_days,
)

_UNREAD: Final = UnreadRow().key


class RoomLogs:
    """The logs of all rooms that were opened."""

    def __init__(self, state: ChatState, now: Callable[[], datetime] | None = None) -> None:
        self._state = state
        self._now = now or (lambda: datetime.now(UTC))
        self._logs: dict[str, LogModel] = {}
        self._read_to: dict[str, int] = {}  # the last message above the unread line, by room
        self._notices = Notices()
        self.drawings: dict[int, Drawing] = {}  # pictures, by the numbers of their files

    def log(self, room: Room) -> LogModel:
        """Return the log of `room`, built now if it is opened for the first time."""
        if room.name not in self._logs:
            self._logs[room.name] = self._build(room)
        return self._logs[room.name]

    def read_to(self, room: Room) -> int | None:
        """Return the seq of the last message above the unread line, if there is a line."""
        return self._read_to.get(room.name)

    def draw_unread_line(self, room: Room) -> None:
        """Draw the unread line where reading stopped, or remove it if all is read."""
        log = self.log(room)
        if _UNREAD in log:
            log.remove(_UNREAD)
        self._read_to.pop(room.name, None)
        if room.unread:
            self._read_to[room.name] = room.read_seq
            self._put_unread_line(room, log)

    def forget_unread_line(self, room: str) -> None:
        """Draw no line where reading stopped: another message has that number now."""
        self._read_to.pop(room, None)

    def _put_unread_line(self, room: Room, log: LogModel) -> None:
        """Insert the unread line if it is missing and its place is loaded."""
        first = self.first_unread(room)
        if first in log and _UNREAD not in log:
            log.insert(first, [self._unread_row(room)])

    def first_unread(self, room: Room) -> RowKey:
        """Return the row below the unread line; () if none is held."""
        line = self._first_unread_line(room)
        return ("seq", line.seq) if line is not None else ()

    def _first_unread_line(self, room: Room) -> m.Line | None:
        """Return the first message by others behind the unread line."""
        read_to = self._read_to.get(room.name)
        if read_to is None or read_to + 1 < room.first_held:
            return None
        behind = islice(room.lines, read_to + 1 - room.first_held, None)
        others = (line for line in behind if not (line.change or self._state.is_me(line.author)))
        return next(others, None)

    def row_at(self, room: Room, seq: int) -> RowKey | None:
        """Return the row of message `seq`, or of the nearest one that is held."""
        start = max(0, seq - room.first_held)
        behind = messages_in(room.lines[start:]) or messages_in(room.lines[:start])[-1:]
        return ("seq", behind[0].seq) if behind else None

    def _unread_row(self, room: Room) -> UnreadRow:
        first = self._first_unread_line(room)
        above = room.lines[: first.seq - room.first_held] if first is not None else []
        read = next((line for line in reversed(above) if not line.change), None)
        if read is None:
            return UnreadRow()
        since = read_time(read.at)
        today = since.astimezone().date() == self._now().astimezone().date()
        return UnreadRow(since, today=today)

    def forget(self, room: str) -> None:
        self._logs.pop(room, None)
        self._notices.forget(room)
        self._read_to.pop(room, None)

    def apply_all(self, changes: Iterable[Change]) -> None:
        """Apply changes to their logs; notices that follow each other as one."""
        for room, run in groupby(changes, key=_room_of_notice):
            if room is None:
                for change in without_repetition(run):
                    self.apply(change)
            elif room in self._logs and room in self._state.rooms:
                log = self._logs[room]
                before = first_waiting(log)
                self._notices.add(room, log, before, run)

    def apply(self, change: Change) -> None:
        """Apply a change to its log, if that was built."""
        room = self._state.rooms.get(getattr(change, "room", ""))
        log = self._logs.get(room.name) if room else None
        if room is None or log is None:
            return
        match change:
            case Appended():
                self._append(room, log, change.lines)
            case Prepended():
                rows = with_days(self._rows(room, change.lines))
                above = [row for row in self._with_unread(room, rows) if may_precede(log, row)]
                log.prepend(above, more=room.has_older)
                self._put_unread_line(room, log)  # its place may be among the rows held before
                self._draw_audit(room, log)
            case Updated():
                self._update(room, log, change.seqs)
            case StartedOver():
                self._start_over(room, log)
            case OutboxChanged():
                self._draw_outbox(room, log)
            case AuditLoaded() | Audited():
                self._draw_audit(room, log)
            case MemberJoined() | MemberLeft():
                self.apply_all([change])

    def page_failed(self, room: str) -> None:
        """Note that a page failed: it is requested again when the reader scrolls."""
        if log := self._logs.get(room):
            log.prepend([], more=log.more_above)
            log.extend([], more=log.more_below)

    # --- building

    def _build(self, room: Room, authors: AuthorColors | None = None) -> LogModel:
        rows = self._with_unread(room, with_days(self._rows(room, room.lines)))
        more_below = bool(room.lines) and not room.reaches_the_end
        more_above = room.has_older and bool(room.lines)
        log = LogModel(rows, more_above=more_above, more_below=more_below, authors=authors)
        self._draw_audit(room, log)
        self._draw_outbox(room, log)
        return log

    def _start_over(self, room: Room, log: LogModel) -> None:
        """Build the log again. The reader stays in place, if that row is still there."""
        new = self._logs[room.name] = self._build(room, log.authors)
        self._notices.forget(room.name)
        if not log.follow and log.place is not None and log.place.key in new:
            new.stay(log.place)
            new.new_below = log.new_below

    def _rows(self, room: Room, lines: Iterable[m.Line]) -> Iterator[MessageRow]:
        return (self._row(room, line) for line in messages_in(lines))

    def _row(self, room: Room, line: m.Line) -> MessageRow:
        own = self._state.is_me(line.author)
        return MessageRow(
            ("seq", line.seq),
            line.author,
            line.text,
            read_time(line.at),
            own=own,
            mention=not own and self._state.mentions_us(line),
            quote=quote_of(room, line.reply) if line.reply else None,
            guest=line.guest,
            edited=bool(line.edited),
            deleted=line.deleted,
            reactions=line.reactions,
            files=line.files,
            drawings={
                file.file: self.drawings[file.file]
                for file in line.files
                if file.file in self.drawings
            },
        )

    def _with_unread(self, room: Room, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield `rows`, with the unread line if its place is among them."""
        first = self.first_unread(room)
        for row in rows:
            if row.key == first:
                yield self._unread_row(room)
            yield row

    # --- changing

    def _append(self, room: Room, log: LogModel, lines: Iterable[m.Line]) -> None:
        """Add new messages below the others and above the outbox."""
        waiting = first_waiting(log)
        before = last_message(log, waiting)
        dated = with_days(self._rows(room, lines), after=before)
        rows = [row for row in self._with_unread(room, dated) if row.key not in log]
        paged = log.asked_below
        log.extend([], more=not room.reaches_the_end)
        if waiting is not None:
            log.insert(waiting, rows)
        elif paged:
            log.extend(rows, more=log.more_below)
            self._draw_audit(room, log)
        else:
            log.append(rows)

    def _update(self, room: Room, log: LogModel, seqs: Iterable[int]) -> None:
        for seq in seqs:
            line, key = room.line(seq), ("seq", seq)
            if line is not None and key in log:
                log.replace(key, self._row(room, line))
        self._draw_outbox(room, log)  # some of which may quote them

    def _draw_outbox(self, room: Room, log: LogModel) -> None:
        """Show the messages of the outbox with their status."""
        waiting = {("nonce", unsent.nonce): unsent for unsent in self._state.outbox.of(room.name)}
        for row in tail(log):
            if row.key not in waiting:
                log.remove(row.key)
        for key, unsent in waiting.items():
            self._draw_unsent(room, log, key, unsent)

    def _draw_unsent(self, room: Room, log: LogModel, key: RowKey, unsent: Unsent) -> None:
        old = log[log.index(key)] if key in log else None
        at = old.at if isinstance(old, MessageRow) else self._now()
        row = MessageRow(
            key, self._state.account, unsent.text, at, own=True, reason=unsent.reason,
            status=_SHOWN[unsent.status], files=unsent.files,
            quote=quote_of(room, unsent.reply) if unsent.reply else None,
        )  # fmt: skip
        if old is None:
            log.append([new for new in with_days([row], log.last_message()) if new.key not in log])
        elif old != row:
            log.replace(key, row)

    def _draw_audit(self, room: Room, log: LogModel) -> None:
        draw_audit(room, log, first_waiting(log), self._now())


_SHOWN: Final[dict[Status, RowStatus]] = {
    Status.QUEUED: "queued",
    Status.SENDING: "queued",  # until the server replies
    Status.ACCEPTED: "sent",
    Status.REFUSED: "refused",
}


def quote_of(room: Room, seq: int) -> Quote:
    """Return what a reply to message `seq` quotes, as far as it is known."""
    line = room.quoted(seq)
    if line is None:
        return Quote(seq)
    return Quote(seq, line.author, gist(line.text, line.files))


def _room_of_notice(change: Change) -> str | None:
    return change.room if isinstance(change, MemberJoined | MemberLeft) else None
