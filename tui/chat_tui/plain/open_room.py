"""The open room: its messages are written once, in order, and count as read then."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from itertools import dropwhile
from typing import Final

from chat_shared import messages as m
from chat_shared.limits import GENERAL
from chat_shared.text import clean_line
from chat_tui.commands.membership_text import not_joined
from chat_tui.model.mute_watch import MuteWatch
from chat_tui.model.read_receipts import ReadReceipts
from chat_tui.model.room import Room
from chat_tui.model.state import ChatState
from chat_tui.plain import listing, sentences
from chat_tui.plain.audit_lines import AuditLines, Item, in_order
from chat_tui.plain.console import Console
from chat_tui.plain.numbers import FileNumbers, Numbers

_LAST: Final = 10  # messages that are written again with their numbers
_PAGE: Final = 20  # messages written at a time: as many as a person can listen to


class OpenRoom:
    """One room at a time. Messages of the others are written when they are opened."""

    def __init__(
        self, state: ChatState, console: Console, ask: Callable[[m.Request], object]
    ) -> None:
        self.name = GENERAL
        self.is_gone = False  # the account is no longer in it
        self.has_missed = False  # some room could not be opened, now or before
        self._missed = ""  # the room that could not be opened
        self._state = state
        self._console = console
        self._ask = ask
        self._receipts = ReadReceipts(ask, _later)
        self._shown_to: dict[str, int] = {}  # by room: the last message that was written
        self._first_shown: dict[str, int] = {}  # and the first
        self._typed: set[tuple[str, int]] = set()  # messages that are on the terminal as typed
        self._rest: m.Request | None = None  # the next page of the list written last
        self.numbers = Numbers()  # of the messages that were written
        self.files = FileNumbers()
        self.shows_numbers = False
        self._audit = AuditLines()
        self._mute = MuteWatch(_later, self._show_mute)
        self._shown_mute = ""  # what was written of it last

    @property
    def title(self) -> str:
        """The name that people know it by."""
        return self.title_of(self.name)

    def mark_gone(self) -> None:
        """Note that the account was removed from this room."""
        self.is_gone = True

    def miss(self, name: str) -> None:
        """Note that this room could not be opened.

        A person sees which room is open. A script goes on with messages meant for that room.
        """
        self.has_missed = True
        if not self._console.shows_typed:
            self._missed = name

    def not_granted(self, request: m.Request) -> None:
        """Note the room that a refused request would have opened."""
        match request:
            case m.Join(room=meant) | m.Create(room=meant) | m.Direct(name=meant):
                self.miss(meant)

    @property
    def unreachable(self) -> str:
        """The room that typed messages are meant for, if they cannot go there; else nothing."""
        return self._missed or (self.title if self.is_gone else "")

    def older(self) -> m.Request:
        """Return the request for the next page: of the list written last, else of the log."""
        first = self._first_shown.get(self.name, 0)  # 0 without any: nothing is before it
        return self._rest or m.History(id=m.UNNUMBERED, room=self.name, before=first, limit=_PAGE)

    def listed(self, request: m.Request, reply: m.Reply | None) -> None:
        """Note what was listed last. A page that did not arrive can be requested again."""
        if listing.is_list(reply):
            self._rest = listing.rest(request, reply)

    def end_list(self) -> None:
        """Let /older continue with the log instead of a list."""
        self._rest = None

    def title_of(self, name: str) -> str:
        """Return the name that people know a room by."""
        room = self._state.rooms.get(name)
        return room.title if room is not None else name

    def open(self, name: str) -> None:
        """Open a room, in any spelling, and write its new messages."""
        room = self._state.find(name)
        if room is None:
            join = "" if self._state.guest_until else f"/join {name} PASSWORD"
            sentence = not_joined(name, self._state.known_people(), join)
            self._console.write(clean_line(sentence))
            self.miss(name)
            return
        if room.name != self.name or self.unreachable:
            self._console.write(f"Now in {clean_line(room.title)}.")
        self.name, self.is_gone, self._missed = room.name, False, ""
        self._state.open_room = room.name
        self.end_list()
        self.write_new()

    def start_over(self, name: str) -> None:
        """Take nothing of a room for written: its messages may be others than those were."""
        for written in (self._shown_to, self._first_shown):
            written.pop(name, None)
        self._typed = {place for place in self._typed if place[0] != name}
        self.numbers.forget(name)
        self.files.forget(name)
        self._audit.forget(name)

    def write_new(self) -> None:
        """Write the messages, and the moderation actions, since the room was last open."""
        room = self._state.rooms.get(self.name)
        if room is None or self.is_gone:
            return
        self._show_mute()
        if not self._is_loaded(room):
            return
        if room.name in self._shown_to:
            lines = _after(room.lines, self._shown_to[room.name])
            items = in_order(lines, self._audit.newer(room))
        else:
            items = self._first_items(room)
        self._write(room, items)
        self._shown_to[room.name] = room.last_seq
        self._state.read(room.name)
        self._receipts.report(room)

    def _is_loaded(self, room: Room) -> bool:
        """Return whether what comes next has arrived. What is not is requested."""
        request: m.Request | None = None
        if not room.reaches_the_end:
            request = room.newest()
        elif room.name in self._shown_to or not (lines := self._first_lines(room)):
            request = room.audit.newest(room.name)
        else:
            request = room.audit.request(room.name, lines[0].at)
        if request is not None:
            self._ask(request)
        return room.reaches_the_end and not room.audit.is_asked

    def _first_lines(self, room: Room) -> list[m.Line]:
        """Return all unread messages, and read ones before them to make up a page."""
        held = list(_after(room.lines, 0))
        return held[-max(len(list(_after(held, room.read_seq))), _PAGE) :]

    def _first_items(self, room: Room) -> list[Item]:
        """Return as many messages and actions; write how many unread messages are above them."""
        lines = self._first_lines(room)
        unread = list(_after(lines, room.read_seq))
        above = room.unread - sum(not self._state.is_me(line.author) for line in unread)
        if room.has_older and lines[:1] == unread[:1] and above > 0:
            self._console.write(sentences.unread_above(above))
        items = in_order(lines, self._audit.newer(room))
        from_unread = len(items) - items.index(unread[0]) if unread else 0
        return items[-max(from_unread, _PAGE) :]

    def _write(self, room: Room, items: Sequence[Item]) -> None:
        """Write what is new, but for messages that are on the terminal as they were typed."""
        seqs = [item.seq for item in items if isinstance(item, m.Line)]
        self._first_shown.setdefault(room.name, min(seqs, default=room.last_seq + 1))
        self._audit.wrote_newer(room, items)
        for item in items:
            sentence = self._sentence(room.name, item)
            if isinstance(item, m.Line) and (room.name, item.seq) in self._typed:
                self._typed.remove((room.name, item.seq))
            else:
                self._console.write(sentence)

    def _sentence(self, room: str, item: Item) -> str:
        """Return a message or an action as it is written; remember a message by its number."""
        return (
            sentences.action(item) if isinstance(item, m.AuditEntry) else self._message(room, item)
        )

    def _message(self, room: str, line: m.Line) -> str:
        number = self.numbers.number(room, line)
        known = self._state.rooms.get(room)
        quoted = known.quoted(line.reply) if known is not None and line.reply else None
        to = quoted.author if quoted is not None else ""
        sentence = sentences.message(line, to, partial(self.files.number, room))
        return f"{sentence} [{number}]" if self.shows_numbers else sentence

    def write_numbered(self) -> None:
        """Write the last messages with their numbers, which are shown from now on."""
        self.shows_numbers = True
        room = self._state.rooms.get(self.name)
        lines = list(_after(room.lines, 0)) if room is not None and not self.is_gone else []
        for line in lines[-_LAST:]:
            self._console.write(self._sentence(self.name, line))
        if not lines:
            self._console.write("No messages here yet.")

    def _show_mute(self) -> None:
        """Write that we are muted in this room, or no longer are, if that is news."""
        room = self._state.rooms.get(self.name)
        if room is None or self.is_gone:
            return
        if self._mute.update(room):
            self._console.write(sentences.unmuted(room.title))
        elif self._mute.sentence and self._mute.sentence != self._shown_mute:
            self._console.write(clean_line(self._mute.sentence))
        self._shown_mute = self._mute.sentence

    def mark_typed(self, room: str, seq: int) -> None:
        """Note that a message is on the terminal as it was typed, and need not be written."""
        self._typed.add((room, seq))

    def write_changed(self, seqs: Sequence[int]) -> None:
        """Write messages again that changed after they were written."""
        shown_to = self._shown_to.get(self.name, 0)
        room = self._state.rooms.get(self.name)
        for line in room.lines if room else ():
            if line.seq in seqs and line.seq <= shown_to and not line.change:
                self._console.write(f"Changed: {self._sentence(self.name, line)}")

    async def load_entries(
        self, page: m.Page, ask: Callable[[m.Request], Awaitable[m.Reply | None]]
    ) -> None:
        """Load the moderation actions since a page of older messages, as far as possible."""
        room = self._state.rooms.get(page.room)
        while room and (request := room.audit.request(room.name, _beginning(page))):
            if not isinstance(await ask(request), m.AuditPage):
                return

    def write_older(self, page: m.Page) -> None:
        """Write a page of older messages, and the moderation actions among them."""
        room = self._state.rooms.get(page.room)
        entries = self._audit.older(room, _beginning(page)) if room is not None else []
        lines = list(_after(page.messages, 0))
        if not page.messages and not entries:
            self._console.write("No older messages.")
            return
        items = in_order(lines, entries)
        if page.messages:
            self._first_shown[page.room] = page.messages[0].seq
        self._audit.wrote_older(page.room, items)
        for item in items:
            self._console.write(self._sentence(page.room, item))
        self._console.write(sentences.older_written(len(lines), more=page.more))


def _after(lines: Iterable[m.Line], seq: int) -> Iterable[m.Line]:
    """Return the messages among `lines`, without changes, that came after `seq`."""
    return (line for line in dropwhile(lambda line: line.seq <= seq, lines) if not line.change)


def _beginning(page: m.Page) -> str:
    """Return since when a page shows what happened; an empty time is the beginning of the room."""
    return page.messages[0].at if page.messages and page.more else ""


def _later(seconds: float, do: Callable[[], object]) -> None:
    asyncio.get_running_loop().call_later(seconds, do)
