"""One room as the client knows it, and what to ask for to know more of it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from chat_shared import messages as m
from chat_shared.limits import MAX_LOOK_UP, MAX_PAGE

KEEP: Final = 5_000  # messages of a room in memory: a day's reading, a few megabytes
KEEP_AFTER_CUT: Final = 4_000  # cut rarely: every cut makes the screen start over


@dataclass(slots=True)
class Room:
    """What is known of the messages is one contiguous piece, `lines`, somewhere in the room.

    While it reaches the end, new messages are appended; while it does not,
    they are only counted, and pages are asked for when somebody looks. What
    was done to messages has its place in `lines` too, and is never shown.
    """

    name: str
    topic: str = ""
    owner: str = ""
    peer: str = ""  # in a room of two, the other one
    last_seq: int = 0  # the newest that exists
    members: dict[str, m.Member] = field(default_factory=dict)  # by folded name

    # What was read: `reading` changes these.
    read_seq: int = 0  # the newest that was read
    unread: int = 0  # messages of others behind it
    mentions: int = 0  # those of them that call us by name
    counted_to: int = 0  # up to here the server has counted them
    dirty: bool = False  # the server does not know yet what was read
    telling: int = 0  # how often it was told, and has not answered
    kept_unread: bool = False  # marked as unread: seeing it does not make it read

    # What was said: `record` changes these.
    lines: list[m.Line] = field(default_factory=list)  # contiguous, oldest first
    held_to: int = 0  # everything the server kept, from the first line up to here, is in `lines`
    more_before: bool = True  # there may be older ones than the first line
    paging: bool = False  # a page was asked for and has not come
    jump: int | None = None  # the `after` of the page that is to be shown instead of this
    quotes: dict[int, m.Line] = field(default_factory=dict)  # what replies answer, and is not held
    wanted: set[int] = field(default_factory=set)  # of these, what they say now is to be asked for
    asked: set[int] = field(default_factory=set)  # those of them that were, and have not come
    outdated: set[int] = field(default_factory=set)  # were changed while a page was under way

    @property
    def title(self) -> str:
        """What people call this room."""
        return self.peer or self.name

    @property
    def calls(self) -> int:
        """The unread messages that mean us: in a room of two, all."""
        return self.unread if self.peer else self.mentions

    @property
    def first_held(self) -> int:
        """The oldest seq in `lines`; one more than the newest that exists if there are none."""
        return self.lines[0].seq if self.lines else self.last_seq + 1

    @property
    def reaches_the_end(self) -> bool:
        return self.held_to >= self.last_seq

    @property
    def has_older(self) -> bool:
        return self.more_before and self.first_held > 1

    def line(self, seq: int) -> m.Line | None:
        """Return the message or change of this number, if it is held."""
        index = seq - self.first_held
        return self.lines[index] if 0 <= index < len(self.lines) else None

    def quoted(self, seq: int) -> m.Line | None:
        """Return what a reply to `seq` quotes, as far as that is known."""
        return self.line(seq) or self.quotes.get(seq)

    # --- what to ask for

    def older(self) -> m.History | None:
        """Return the request for the page before what is held, if there is one to ask for."""
        if self.paging or not self.has_older:
            return None
        self.paging = True
        return m.History(id=m.UNNUMBERED, room=self.name, before=self.first_held)

    def newer(self) -> m.History | None:
        """Return the request for the page after what is held, if there is one to ask for."""
        if not self.lines:
            return self.newest()
        if self.paging or self.reaches_the_end:
            return None
        self.paging = True
        return m.History(id=m.UNNUMBERED, room=self.name, after=self.held_to)

    def newest(self) -> m.History | None:
        """Return the request for what is needed to show the end of the room.

        Far from it, that is the last page by itself; what lies between is
        paged in when somebody scrolls up to it.
        """
        if self.paging or self.reaches_the_end:
            return None
        self.paging = True
        if self.lines and self.last_seq - self.held_to <= MAX_PAGE:
            return m.History(id=m.UNNUMBERED, room=self.name, after=self.held_to)
        return m.History(id=m.UNNUMBERED, room=self.name, before=self.last_seq + 1)

    def around(self, seq: int) -> m.History:
        """Return the request for the page around `seq`, which is shown in place of what is held."""
        self.paging = True
        self.jump = max(0, seq - 1 - MAX_PAGE // 2)
        return m.History(id=m.UNNUMBERED, room=self.name, after=self.jump)

    def want_quotes(self, seqs: Iterable[int]) -> None:
        """Have these messages asked for, as far as they are not known; 0 is none."""
        self.wanted |= {seq for seq in seqs if seq and not self.quoted(seq)}

    def look_up(self) -> m.LookUp | None:
        """Return the request for single messages that are wanted, each asked for once."""
        seqs = sorted(self.wanted - self.asked)[-MAX_LOOK_UP:]
        if not seqs:
            return None
        self.asked.update(seqs)
        return m.LookUp(id=m.UNNUMBERED, room=self.name, seqs=seqs)

    # --- letting go

    def start_over(self) -> None:
        self.lines.clear()
        self.held_to = 0
        self.more_before = True
        for known in (self.quotes, self.wanted, self.asked, self.outdated):
            known.clear()

    def forget_oldest(self) -> bool:
        """Let go of what is far above somebody who reads the end; say whether anything went."""
        if len(self.lines) <= KEEP:
            return False
        del self.lines[:-KEEP_AFTER_CUT]
        self.more_before = True
        return True

    def forget_newest(self) -> bool:
        """Let go of what is far below somebody who reads further up; say whether anything went."""
        if len(self.lines) <= KEEP:
            return False
        del self.lines[KEEP_AFTER_CUT:]
        self.held_to = self.lines[-1].seq
        return True


def said(lines: Iterable[m.Line]) -> tuple[m.Line, ...]:
    """Return what is to be shown of `lines`: the messages, without what was done to them."""
    return tuple(line for line in lines if not line.change)


def first_run(lines: list[m.Line]) -> list[m.Line]:
    """Return the contiguous start of `lines`: a page with a hole is not to be trusted beyond it."""
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
