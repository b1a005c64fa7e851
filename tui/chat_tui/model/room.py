"""One room as the client knows it, and the requests that load more of it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from chat_shared import messages as m
from chat_shared.limits import MAX_LOOK_UP, MAX_PAGE, MAX_SEQ
from chat_tui.model.audit_log import AuditLog
from chat_tui.model.resuming import NOTHING, Known

KEEP: Final = 5_000  # messages of a room in memory: a day's reading, a few megabytes
KEEP_AFTER_CUT: Final = 4_000  # cut rarely: every cut makes the screen start over
# Then the server has nothing for us, whatever it says: it would be asked in a loop.
IDLE_PAGES: Final = 3
# Pages loaded without anyone scrolling. The longest messages, seven to a page, fill it with a
# usual page's worth three times over; a server whose pages never end is not asked further.
MAX_PAGES_IN_A_ROW: Final = 100
MAX_QUOTES: Final = 5_000  # quoted messages outside of those held, and as many to be looked up


@dataclass(slots=True)
class Room:
    """The loaded messages are one contiguous range, `lines`, somewhere in the room.

    While it reaches the end, new messages are appended. While it does not, they are only
    counted, and pages are loaded when someone looks. Changes to messages (edits, deletions,
    reactions) have their place in `lines` too, and are never displayed.
    """

    name: str
    topic: str = ""
    owner: str = ""
    peer: str = ""  # in a direct message, the other participant
    last_seq: int = 0  # the newest that exists
    known: Known = NOTHING  # the newest whose time we know
    members: dict[str, m.Member] = field(default_factory=dict)  # by folded name
    members_after: str = ""  # the server has more of them after this name; "" if not
    muted: bool = False  # `muting` changes these: we may not write here
    muted_until: str = ""  # until then; empty for no end

    # Read state: `read_state` changes these.
    read_seq: int = 0  # the newest that was read
    unread: int = 0  # messages of others after it
    mentions: int = 0  # those of them that mention us
    counted_to: int = 0  # up to here the server has counted them
    dirty: bool = False  # the server does not know yet how far we have read
    unanswered_reports: int = 0  # `read` requests without a reply yet
    kept_unread: bool = False  # marked as unread: viewing it does not mark it as read

    audit: AuditLog = field(default_factory=AuditLog)

    # Messages: `timeline` changes these.
    lines: list[m.Line] = field(default_factory=list)  # contiguous, oldest first
    held_to: int = 0  # all that the server keeps, from the first line up to here, is in `lines`
    more_before: bool = True  # there may be older ones than the first line
    paging: bool = False  # a page was requested and has not arrived
    paged_to: int = 0  # the newest that existed when the page was requested
    idle_pages: int = 0  # requested for the end since one brought anything
    pages_in_a_row: int = 0  # requested without anyone scrolling
    jump: int | None = None  # the `after` of a requested page that will replace `lines`
    quotes: dict[int, m.Line] = field(default_factory=dict)  # quoted, but not in `lines`
    wanted: set[int] = field(default_factory=set)  # to be looked up
    asked: set[int] = field(default_factory=set)  # requested, not arrived
    outdated: set[int] = field(default_factory=set)  # changed while a page was under way

    @property
    def title(self) -> str:
        """The displayed name of this room."""
        return self.peer or self.name

    @property
    def addressed(self) -> int:
        """The unread messages addressed to us: mentions, and in a direct message all."""
        return self.unread if self.peer else self.mentions

    @property
    def first_held(self) -> int:
        """The oldest seq in `lines`; without any, one more than the newest that exists."""
        return self.lines[0].seq if self.lines else self.last_seq + 1

    @property
    def reaches_the_end(self) -> bool:
        return self.held_to >= self.last_seq

    @property
    def has_older(self) -> bool:
        return self.more_before and self.first_held > 1

    def line(self, seq: int) -> m.Line | None:
        """Return the message or change with this number, if it is loaded."""
        index = seq - self.first_held
        return self.lines[index] if 0 <= index < len(self.lines) else None

    def quoted(self, seq: int) -> m.Line | None:
        """Return the message that a reply to `seq` quotes, if it is known."""
        return self.line(seq) or self.quotes.get(seq)

    def know(self, line: m.Line) -> None:
        """Remember `line` if it is the newest that we have."""
        if line.seq > self.known.seq:
            self.known = Known(line.seq, line.at)

    @property
    def seen(self) -> Known:
        """What `resume` says that we have: the newest whose time we know, else the newest."""
        return self.known if self.known.at else Known(self.last_seq, "")

    # --- requests

    def older(self, *, unasked: bool = False) -> m.History | None:
        """Return the request for the page before `lines`, unless there is none or one is due.

        `unasked`: nobody scrolled for it, the page before it had nothing to show.
        """
        if self.paging or not self.has_older or not self._may_load(unasked=unasked):
            return None
        self._begin_page()
        return self._before(self.first_held)

    def newer(self) -> m.History | None:
        """Return the request for the page after `lines`, unless there is none or one is due."""
        if not self.lines:
            return self.newest()
        if self.paging or self.reaches_the_end or not self._may_load(unasked=False):
            return None
        self._begin_page()
        return m.History(id=m.UNNUMBERED, room=self.name, after=self.held_to)

    def newest(self) -> m.History | None:
        """Return the request needed to show the end of the room, if any.

        Far from the end that is the last page alone; what lies between is loaded when
        someone scrolls up to it.
        """
        if self.paging or self.reaches_the_end or self.idle_pages >= IDLE_PAGES:
            return None
        if not self._may_load(unasked=True):
            return None
        self._begin_page()
        self.idle_pages += 1
        if self.lines and self.last_seq - self.held_to <= MAX_PAGE:
            return m.History(id=m.UNNUMBERED, room=self.name, after=self.held_to)
        return self._before(self.last_seq + 1)

    def _before(self, seq: int) -> m.History:
        """Return the request for the page before `seq`, which a request can name at most."""
        return m.History(id=m.UNNUMBERED, room=self.name, before=min(seq, MAX_SEQ))

    def _may_load(self, *, unasked: bool) -> bool:
        self.pages_in_a_row = self.pages_in_a_row + 1 if unasked else 0
        return self.pages_in_a_row <= MAX_PAGES_IN_A_ROW

    @property
    def loads_no_further(self) -> bool:
        """Whether no page is requested any more until someone scrolls or a message arrives."""
        return (
            self.idle_pages >= IDLE_PAGES or self.pages_in_a_row >= MAX_PAGES_IN_A_ROW
        ) and not self.reaches_the_end

    def around(self, seq: int) -> m.History:
        """Return the request for the page around `seq`, which will replace `lines`."""
        self.paging = True
        self.jump = max(0, seq - 1 - MAX_PAGE // 2)
        return m.History(id=m.UNNUMBERED, room=self.name, after=self.jump)

    def _begin_page(self) -> None:
        self.paging = True
        self.paged_to = self.last_seq

    def want_quotes(self, seqs: Iterable[int]) -> None:
        """Have these messages looked up unless they are known; 0 stands for none."""
        for seq in seqs:
            if seq and len(self.wanted) < MAX_QUOTES and not self.quoted(seq):
                self.wanted.add(seq)

    def quote(self, line: m.Line) -> None:
        """Keep a message that is quoted and not held; those kept first make room for it."""
        self.quotes[line.seq] = line
        while len(self.quotes) > MAX_QUOTES:
            del self.quotes[next(iter(self.quotes))]

    def look_up(self) -> m.LookUp | None:
        """Return the request for the wanted messages, each requested once."""
        seqs = sorted(self.wanted - self.asked)[-MAX_LOOK_UP:]
        if not seqs:
            return None
        self.asked.update(seqs)
        return m.LookUp(id=m.UNNUMBERED, room=self.name, seqs=seqs)

    def audited(self) -> m.Audit | None:
        """Return the request for moderation actions since the oldest message held, if any."""
        if not (self.lines or self.reaches_the_end):
            return None  # the messages come first, to know how many actions that is
        since = self.lines[0].at if self.lines and self.has_older else ""
        return self.audit.request(self.name, since)

    # --- forgetting

    def start_over(self) -> None:
        self.lines.clear()
        self.held_to = 0
        self.more_before = True
        for known in (self.quotes, self.wanted, self.asked, self.outdated):
            known.clear()

    def lose(self, last_seq: int) -> None:
        """Forget all that the server may have lost; its newest message is `last_seq` now."""
        self.start_over()
        self.last_seq, self.known = last_seq, NOTHING
        self.dirty = self.kept_unread = False
        self.audit = AuditLog()

    def forget_oldest(self) -> bool:
        """Drop messages far above a reader at the end; return whether there were any."""
        if len(self.lines) <= KEEP:
            return False
        self.keep_last(KEEP_AFTER_CUT)
        return True

    def keep_last(self, count: int) -> None:
        """Drop all but the last `count` messages that are held."""
        del self.lines[:-count]
        self.more_before = True

    def forget_newest(self) -> bool:
        """Drop messages far below a reader further up; return whether there were any."""
        if len(self.lines) <= KEEP:
            return False
        del self.lines[KEEP_AFTER_CUT:]
        self.held_to = self.lines[-1].seq
        return True


def messages_in(lines: Iterable[m.Line]) -> tuple[m.Line, ...]:
    """Return the messages in `lines`, without the changes to them."""
    return tuple(line for line in lines if not line.change)


def first_run(lines: list[m.Line]) -> list[m.Line]:
    """Return the contiguous start of `lines`: a page is not trusted beyond a gap."""
    for index, (line, following) in enumerate(pairwise(lines), start=1):
        if following.seq != line.seq + 1:
            return lines[:index]
    return lines


def last_run(lines: list[m.Line]) -> list[m.Line]:
    """Return the contiguous end of `lines`."""
    for index in range(len(lines) - 1, 0, -1):
        if lines[index].seq != lines[index - 1].seq + 1:
            return lines[index:]
    return lines
