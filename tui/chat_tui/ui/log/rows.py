"""The rows of a message log, as plain values.

Rows are frozen: a change is a new row with the same key. Does not know widgets, widths
or colors, nor where messages come from.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Literal, TypeAlias

from chat_shared.messages import File, Reaction
from chat_tui.model.draft import Quote
from chat_tui.model.outbox import FileToSend
from chat_tui.terminal.pictures.drawing import Drawing

RowKey: TypeAlias = tuple[Hashable, ...]
"""Names a row for as long as it lives: ("seq", 12), ("nonce", "x7f"), ("day", date)."""

Status: TypeAlias = Literal["sent", "queued", "refused"]

# Longer than a pause for thought, shorter than a new conversation.
GROUP_SPAN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message."""

    key: RowKey
    author: str
    text: str
    at: datetime
    """Aware, in UTC; shown in the reader's zone."""
    own: bool = False
    """The reader wrote it, so it never counts as unread."""
    mention: bool = False
    status: Status = "sent"
    reason: str = ""
    """Why the server refused it, as a sentence for the reader."""
    quote: Quote | None = None
    """The quoted message, if it is a reply."""
    guest: bool = False
    """Its author is a guest, or was one to the end."""
    edited: bool = False
    deleted: bool = False
    """There is no text any more."""
    reactions: tuple[Reaction, ...] = ()
    files: tuple[File | FileToSend, ...] = ()
    drawings: Mapping[int, Drawing] = field(default_factory=dict, hash=False)
    """Its pictures that are drawn, by the numbers of their files."""


@dataclass(frozen=True, slots=True)
class DayRow:
    """The line between two days."""

    day: date

    @property
    def key(self) -> RowKey:
        return ("day", self.day)


@dataclass(frozen=True, slots=True)
class UnreadRow:
    """The line above the first unread message."""

    since: datetime | None = None
    today: bool = True
    """`since` is today, and shown without its day."""
    key: RowKey = ("unread",)


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """Something that happened in the room besides messages: "ada joined"."""

    key: RowKey
    text: str


@dataclass(frozen=True, slots=True)
class GapRow:
    """Stands where messages are missing."""

    key: RowKey
    count: int | None = None
    """How many are missing; None if unknown."""
    loading: bool = False

    @property
    def text(self) -> str:
        if self.loading:
            return "loading older messages…"
        if self.count is None:
            return "older messages not loaded"
        noun = "message" if self.count == 1 else "messages"
        return f"{self.count:,} older {noun} not loaded"


Row: TypeAlias = MessageRow | DayRow | UnreadRow | NoticeRow | GapRow


def local_day(at: datetime, zone: tzinfo | None = None) -> date:
    """Return the day on which `at` falls in `zone`; None is the zone of this computer."""
    return at.astimezone(zone).date()


def day_between(previous: Row | None, row: MessageRow, zone: tzinfo | None = None) -> DayRow | None:
    """Return the separator above `row`, or None if it is of the same day as `previous`.

    Without a previous message there is always a separator.
    """
    day = local_day(row.at, zone)
    if isinstance(previous, MessageRow) and local_day(previous.at, zone) == day:
        return None
    return DayRow(day)


def with_days(
    messages: Iterable[MessageRow], after: Row | None = None, zone: tzinfo | None = None
) -> Iterator[Row]:
    """Yield `messages` in order with the separators that belong between them.

    Each day has one, even if a server's clock goes back and forth around midnight.
    `after` is the message before them. Leave it out for a page of older messages:
    `LogModel` drops the separator that the page makes redundant.
    """
    previous, seen = after, set[DayRow]()
    for message in messages:
        separator = day_between(previous, message, zone)
        if separator is not None and separator not in seen:
            seen.add(separator)
            yield separator
        yield message
        previous = message


def continues(previous: Row | None, row: Row) -> bool:
    """Say whether `row` continues `previous`, so that the author is not repeated."""
    return (
        isinstance(row, MessageRow)
        and isinstance(previous, MessageRow)
        and previous.author == row.author
        and abs(row.at - previous.at) < GROUP_SPAN
    )
