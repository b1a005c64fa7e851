"""The room that is open: what is said in it is written once, in order, and counts as read then."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from itertools import dropwhile
from typing import Final

from chat_shared import messages as m
from chat_shared.limits import GENERAL
from chat_shared.text import clean_line
from chat_tui.model.read_receipts import ReadReceipts
from chat_tui.model.room import Room
from chat_tui.model.state import ChatState
from chat_tui.plain import listing, sentences
from chat_tui.plain.console import Console

_PAGE: Final = 20  # messages that are written at a time: what one can listen to


class OpenRoom:
    """One room at a time. What the others say is written when they are opened."""

    def __init__(
        self, state: ChatState, console: Console, ask: Callable[[m.Request], object]
    ) -> None:
        self.name = GENERAL
        self.is_gone = False  # somebody has sent one out of it
        self.has_missed = False  # a room that was to be opened, now or before
        self._missed = ""  # another that was to be opened, and was not
        self._state = state
        self._console = console
        self._ask = ask
        self._teller = ReadReceipts(ask, _later)
        self._shown_to: dict[str, int] = {}  # by room: the last message that was written
        self._first_shown: dict[str, int] = {}  # and the first
        self._typed: set[tuple[str, int]] = set()  # by room: messages that stand there as typed
        self._rest: m.Request | None = None  # of a list that was written since it was opened

    @property
    def title(self) -> str:
        """What people call it."""
        return self.title_of(self.name)

    def lose(self) -> None:
        """Have nothing open: one is not in this room any more, and did not wish that."""
        self.is_gone = True

    def miss(self, name: str) -> None:
        """Note that this room was to be opened, and was not.

        A person sees where they still are. A script goes on with what is meant for that room.
        """
        self.has_missed = True
        if not self._console.shows_typed:
            self._missed = name

    @property
    def out_of_reach(self) -> str:
        """The room that what is typed is meant for, if one is not in it; else nothing."""
        return self._missed or (self.title if self.is_gone else "")

    def older(self) -> m.Request:
        """Return what asks for more of what was listed last: of a list, else of the log."""
        first = self._first_shown.get(self.name, 0)  # without any, there is nothing before it
        return self._rest or m.History(id=m.UNNUMBERED, room=self.name, before=first, limit=_PAGE)

    def listed(self, request: m.Request, reply: m.Reply | None) -> None:
        """Note what was listed last. A page that did not come can be asked for again."""
        if listing.is_list(reply):
            self._rest = listing.rest(request, reply)

    def end_list(self) -> None:
        """Go on with the log: what was listed last was whole."""
        self._rest = None

    def title_of(self, name: str) -> str:
        """Return what people call any room."""
        room = self._state.rooms.get(name)
        return room.title if room is not None else name

    def open(self, name: str) -> None:
        """Go to a room, however it is spelt, and write what waits there."""
        room = self._state.find(name)
        if room is None:
            self._console.write(f"You are not in {clean_line(name)}. /join takes its password.")
            self.miss(name)
            return
        if room.name != self.name or self.out_of_reach:
            self._console.write(f"Now in {clean_line(room.title)}.")
        self.name, self.is_gone, self._missed = room.name, False, ""
        self.end_list()
        self.write_news()

    def write_news(self) -> None:
        """Write what was said here since it was last looked at."""
        room = self._state.rooms.get(self.name)
        if room is None or self.is_gone:
            return
        if not room.reaches_the_end:
            if (request := room.newest()) is not None:
                self._ask(request)
            return
        if room.name in self._shown_to:
            self._write(room, _behind(room.lines, self._shown_to[room.name]))
        else:
            self._write_at_first(room)
        self._shown_to[room.name] = room.last_seq
        self._state.read(room.name)
        self._teller.report(room)

    def _write_at_first(self, room: Room) -> None:
        """Write all that is unread, or some that was read where that is less."""
        said = list(_behind(room.lines, 0))
        unread = list(_behind(said, room.read_seq))
        above = room.unread - sum(not self._state.is_me(line.author) for line in unread)
        if room.has_older and len(unread) == len(said) and above > 0:
            self._console.write(sentences.unread_above(above))
        self._write(room, said[-max(len(unread), _PAGE) :])

    def _write(self, room: Room, lines: Iterable[m.Line]) -> None:
        for line in lines:
            self._first_shown.setdefault(room.name, line.seq)
            if (room.name, line.seq) in self._typed:
                self._typed.remove((room.name, line.seq))
            else:
                self._console.write(sentences.message(line))

    def stands_typed(self, room: str, seq: int) -> None:
        """Note that a message stands where it was typed: it is not to be written once more."""
        self._typed.add((room, seq))

    def write_changed(self, seqs: Sequence[int]) -> None:
        """Write messages again that were written before and are others now."""
        shown_to = self._shown_to.get(self.name, 0)
        for line in self._state.rooms[self.name].lines:
            if line.seq in seqs and line.seq <= shown_to and not line.change:
                self._console.write(f"Changed: {sentences.message(line)}")

    def write_older(self, page: m.Page) -> None:
        """Write a page of what stood before."""
        if not page.messages:
            self._console.write("There is nothing older.")
            return
        self._first_shown[page.room] = page.messages[0].seq
        said = list(_behind(page.messages, 0))
        for line in said:
            self._console.write(sentences.message(line))
        self._console.write(sentences.older_written(len(said), more=page.more))


def _behind(lines: Iterable[m.Line], seq: int) -> Iterable[m.Line]:
    """Return the messages among `lines`, changes left out, that came after `seq`."""
    return (line for line in dropwhile(lambda line: line.seq <= seq, lines) if not line.change)


def _later(seconds: float, do: Callable[[], object]) -> None:
    asyncio.get_running_loop().call_later(seconds, do)
