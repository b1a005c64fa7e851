"""The messages of one room and the changes to them, kept up to date from events and pages.

Pure: each function modifies the room and yields the changes for the front end.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias

from msgspec.structs import replace

from chat_shared import messages as m
from chat_tui.model.changes import Appended, Change, Prepended, StartedOver, Updated
from chat_tui.model.reactions import reacted
from chat_tui.model.room import (
    IDLE_PAGES,
    MAX_PAGES_IN_A_ROW,
    Room,
    first_run,
    last_run,
    messages_in,
)

MOST: Final = 10_000  # messages of one room in memory, wherever it is being read: some megabytes

MAX_OUTDATED: Final = 5_000  # changes while one page is under way: far more than in a busy minute

ChangeEvent: TypeAlias = m.Edited | m.Deleted | m.Reacted
_KINDS: Final = {m.Edited: "edit", m.Deleted: "delete", m.Reacted: "react"}


# --- events


def receive(room: Room, line: m.Line) -> Iterator[Change]:
    """Add a new message or change; `line` is newer than everything known."""
    at_the_end = room.reaches_the_end and line.seq == room.last_seq + 1
    room.last_seq = line.seq
    room.know(line)
    # One more try may bring it.
    room.idle_pages = min(room.idle_pages, IDLE_PAGES - 1)
    room.pages_in_a_row = min(room.pages_in_a_row, MAX_PAGES_IN_A_ROW - 1)
    # Reading far back all day must not fill the memory: beyond this, new messages are
    # only counted, and loaded when they are wanted.
    if at_the_end and len(room.lines) < MOST:
        _want_quotes(room, [line])
        room.lines.append(line)
        room.held_to = line.seq
        if not line.change:
            yield Appended(room.name, (line,))


def change(room: Room, event: ChangeEvent, *, mine: bool) -> Iterator[Change]:
    """Apply a change to a message. It has a seq in the room like a message."""
    mark = m.Line(event.seq, event.author, "", event.at, change=_KINDS[type(event)], of=event.of)
    yield from receive(room, mark)
    # A reply under way may have the message as it was before this change.
    may_be_stale = room.line(event.of) is None or room.jump is not None
    if room.paging and may_be_stale and len(room.outdated) < MAX_OUTDATED:
        room.outdated.add(event.of)
    room.asked.discard(event.of)
    yield from _updated(room, _put(room, event.of, lambda line: _changed(line, event, mine=mine)))


def _changed(line: m.Line, event: ChangeEvent, *, mine: bool) -> m.Line:
    if line.deleted or line.change:
        return line
    match event:
        case m.Edited():
            return replace(line, text=event.text, edited=event.at)
        case m.Deleted():
            return replace(line, text="", deleted=True, reactions=(), files=())
        case m.Reacted():
            reactions = reacted(line.reactions, event.emoji, event.author, off=event.off, mine=mine)
            return replace(line, reactions=reactions)


def _put(room: Room, seq: int, change: Callable[[m.Line], m.Line]) -> Iterator[int]:
    """Apply `change` to one message, and yield its seq if that made a difference."""
    known = room.quoted(seq)
    if known is None or (new := change(known)) == known:
        return
    if room.line(seq) is not None:
        room.lines[seq - room.first_held] = new
    else:
        room.quotes[seq] = new
    yield seq


def _updated(room: Room, changed: Iterable[int]) -> Iterator[Change]:
    """Yield an update of these messages and the replies that quote them."""
    seqs = set(changed)
    if seqs:
        quoting = {line.seq for line in room.lines if line.reply in seqs}
        yield Updated(room.name, tuple(sorted(seqs | quoting)))


# --- replies


def page(room: Room, request: m.History, reply: m.Page) -> Iterator[Change]:
    """Apply a page of history, if it adjoins what is loaded or was requested to replace it."""
    jumped = room.jump is not None and request.after == room.jump
    older = last_run([line for line in reply.messages if line.seq < room.first_held])
    newer = first_run([line for line in reply.messages if line.seq > room.held_to])
    if jumped:
        room.jump = None
    if jumped and not reply.messages:
        yield StartedOver(room.name)
    elif not reply.messages:
        yield from _empty_page(room, request)
    elif jumped or not room.lines or reply.messages[0].seq > room.held_to + 1:
        yield from _replace(room, reply.messages)
    elif older and older[-1].seq == room.first_held - 1:
        yield from _prepend(room, older, more=reply.more)
    elif newer and newer[0].seq == room.held_to + 1:
        yield from _append(room, newer)
    room.wanted |= {seq for seq in room.outdated if room.line(seq) is not None}
    room.outdated.clear()


def _empty_page(room: Room, request: m.History) -> Iterator[Change]:
    """The server has nothing there; do not ask again."""
    if request.before is not None:
        room.more_before = False
    if request.after is not None or not room.lines:
        room.held_to = room.paged_to  # what came since then has not been asked for
    yield StartedOver(room.name)


def _replace(room: Room, lines: list[m.Line]) -> Iterator[Change]:
    """Start over with a page that does not adjoin what is loaded."""
    outdated = set(room.outdated)
    room.start_over()
    room.outdated |= outdated
    room.lines = list(last_run(lines))
    room.held_to = room.lines[-1].seq
    room.last_seq = max(room.last_seq, room.held_to)
    room.know(room.lines[-1])
    _want_quotes(room, room.lines)
    yield StartedOver(room.name)


def _prepend(room: Room, older: list[m.Line], *, more: bool) -> Iterator[Change]:
    room.more_before = more
    room.lines[:0] = older
    _want_quotes(room, older)
    yield Prepended(room.name, messages_in(older))
    if room.forget_newest():
        yield StartedOver(room.name)


def _append(room: Room, newer: list[m.Line]) -> Iterator[Change]:
    room.last_seq = max(room.last_seq, newer[-1].seq)
    room.know(newer[-1])
    first = newer[0].seq
    # A page says only that an earlier message was changed, not to what.
    room.wanted |= {
        line.of for line in newer if line.change and line.of < first and room.quoted(line.of)
    }
    if len(room.lines) < MOST:
        room.lines += newer
        room.held_to = newer[-1].seq
        _want_quotes(room, newer)
        yield Appended(room.name, messages_in(newer))


def _want_quotes(room: Room, lines: Iterable[m.Line]) -> None:
    room.want_quotes(line.reply for line in lines)


def looked_up(room: Room, request: m.LookUp, reply: m.Reply | None) -> Iterator[Change]:
    """Apply looked-up messages. Those that do not exist are not requested again."""
    asked = room.asked.intersection(request.seqs)  # without those that changed since then
    room.asked -= asked
    if reply is None:
        return
    lines = reply.messages if isinstance(reply, m.Lines) and reply.room == room.name else []
    found = {line.seq: line for line in lines if line.seq in request.seqs}
    # Messages after the last one returned may not have fitted into the frame.
    answered = [seq for seq in request.seqs if not found or seq <= max(found)]
    room.wanted -= asked.intersection(answered)
    yield from _updated(room, (seq for seq in answered if _take_in(room, seq, found.get(seq))))


def _take_in(room: Room, seq: int, line: m.Line | None) -> bool:
    """Store a looked-up message where it is displayed; return whether that is anything new."""
    if room.line(seq) is None:
        room.quote(line or m.Line(seq, "", "", ""))
        return True
    return line is not None and any(_put(room, seq, lambda _: line))
