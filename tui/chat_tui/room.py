"""One room as the client knows it, and what to ask for to know more of it. Pure."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from chat_shared import messages as m
from chat_shared.limits import MAX_PAGE
from chat_tui.slash import UNNUMBERED

KEEP: Final = 5_000  # messages of a room in memory: a day's reading, a few megabytes
KEEP_AFTER_CUT: Final = 4_000  # cut rarely: every cut makes the screen start over


@dataclass(slots=True)
class Room:
    """What is known of the messages is one contiguous piece, `lines`, somewhere in the room.

    While it reaches the end, new messages are appended; while it does not,
    they are only counted, and pages are asked for when somebody looks.
    """

    name: str
    topic: str = ""
    owner: str = ""
    last_seq: int = 0  # the newest message that exists
    read_seq: int = 0  # the newest that was read
    mentions: int = 0  # unread ones that call us by name
    lines: list[m.Line] = field(default_factory=list)  # contiguous, oldest first
    held_to: int = 0  # everything the server kept, from the first line up to here, is in `lines`
    more_before: bool = True  # there may be older ones than the first line
    members: dict[str, m.Member] = field(default_factory=dict)  # by folded name
    paging: bool = False  # a page was asked for and has not come

    @property
    def unread(self) -> int:
        return max(0, self.last_seq - self.read_seq)

    @property
    def first_held(self) -> int:
        """The oldest seq in `lines`; one more than the newest that exists if there are none."""
        return self.lines[0].seq if self.lines else self.last_seq + 1

    @property
    def reaches_the_end(self) -> bool:
        return self.held_to >= self.last_seq

    def older(self) -> m.History | None:
        """Return the request for the page before what is held, if there is one to ask for."""
        if self.paging or not self.has_older:
            return None
        self.paging = True
        return m.History(id=UNNUMBERED, room=self.name, before=self.first_held)

    @property
    def has_older(self) -> bool:
        return self.more_before and self.first_held > 1

    def newest(self) -> m.History | None:
        """Return the request for what is needed to show the end of the room.

        Far from it, that is the last page by itself; what lies between is
        paged in when somebody scrolls up to it.
        """
        if self.paging or self.reaches_the_end:
            return None
        self.paging = True
        if self.lines and self.last_seq - self.held_to <= MAX_PAGE:
            return m.History(id=UNNUMBERED, room=self.name, after=self.held_to)
        return m.History(id=UNNUMBERED, room=self.name, before=self.last_seq + 1)

    def start_over(self) -> None:
        self.lines.clear()
        self.held_to = 0
        self.more_before = True

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
