"""A server's room, a client that follows it, and a front end that only sees the client's changes.

Requests, replies and events wait on their way until a test lets them arrive, in order.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace

from chat_shared import messages as m
from chat_tui.model.changes import Appended, Change, Prepended, StartedOver, Updated
from chat_tui.model.resuming import resume_request
from chat_tui.model.room import Room, messages_in
from chat_tui.model.state import ChatState
from support.tui_state import AT

ROOM: Final = "general"
_LOGIN: Final = m.Login(id=1, name="ada", password="correct horse")
_PAGE: Final = 3  # messages: pages are small, so that there are many
_MISSED: Final = 4  # changes at most that a resume brings one by one


@dataclass
class Server:
    """The room as it is. A change takes a number, and changes the message at once."""

    lines: list[m.Line] = field(default_factory=list)
    events: list[m.Event] = field(default_factory=list)
    kept_from: int = 1  # retention has removed what is older
    restores: int = 0  # since each of them it is later

    @property
    def now(self) -> str:
        """The time of all that is posted now."""
        return f"{2026 + self.restores}{AT[4:]}"

    def backup(self) -> Callable[[], None]:
        """Return what goes back to how everything is now, and what then happens is later."""
        lines, events, kept_from = list(self.lines), list(self.events), self.kept_from

        def restore() -> None:
            self.lines, self.events, self.kept_from = list(lines), list(events), kept_from
            self.restores += 1

        return restore

    @property
    def last_seq(self) -> int:
        return len(self.lines)

    def post(self, reply: int = 0) -> m.Event:
        seq = self.last_seq + 1
        text = f"message {seq} of {self.now}"
        self.lines.append(m.Line(seq, "linus", text, self.now, reply))
        return self._note(m.Posted(ROOM, seq, "linus", text, self.now, reply=reply))

    def edit(self, of: int) -> m.Event:
        text = f"edited by {self.last_seq + 1} of {self.now}"
        if not self._change(of, "edit", text=text, edited=self.now):
            return self.post()
        return self._note(m.Edited(ROOM, self.last_seq, of, "linus", self.now, text))

    def delete(self, of: int) -> m.Event:
        if not self._change(of, "delete", text="", deleted=True):
            return self.post()
        return self._note(m.Deleted(ROOM, self.last_seq, of, "linus", self.now))

    def keep_from(self, seq: int) -> None:
        """Remove what is older than this."""
        self.kept_from = max(self.kept_from, min(seq, self.last_seq + 1))

    def page(self, request: m.History) -> m.Page:
        kept = self.kept
        if request.after is not None:
            found = [line for line in kept if line.seq > request.after]
            return self._page(found[:_PAGE], more=len(found) > _PAGE)
        before = self.last_seq + 1 if request.before is None else request.before
        found = [line for line in kept if line.seq < before]
        return self._page(found[-_PAGE:], more=len(found) > _PAGE)

    def look_up(self, request: m.LookUp) -> m.Lines:
        found = [line for line in self.kept if line.seq in request.seqs]
        return m.Lines(re=1, room=ROOM, messages=found)

    def missed(self, seen: int, at: str) -> Sequence[m.Event]:
        """Return what follows message `seq`; or that there is another one than that of `at`."""
        if at and self.kept_from <= seen <= self.last_seq and self.lines[seen - 1].at != at:
            return [m.Restored(ROOM, self.last_seq, self.last_seq)]
        if self.last_seq - seen > _MISSED:
            return [m.Gap(ROOM, seen, self.last_seq + 1)]
        return self.events[seen:]

    @property
    def kept(self) -> list[m.Line]:
        return [line for line in self.lines if line.seq >= self.kept_from]

    def _page(self, lines: list[m.Line], *, more: bool) -> m.Page:
        return m.Page(re=1, room=ROOM, messages=lines, more=more)

    def _change(self, of: int, change: str, **to: object) -> bool:
        if not self.kept_from <= of <= self.last_seq:
            return False
        line = self.lines[of - 1]
        if line.deleted or line.change:
            return False
        self.lines[of - 1] = replace(line, **to)
        self.lines.append(m.Line(self.last_seq + 1, "linus", "", self.now, change=change, of=of))
        return True

    def _note(self, event: m.Event) -> m.Event:
        self.events.append(event)
        return event


class Follower:
    """The client and its front end, on a connection to `server`."""

    def __init__(self) -> None:
        self.server = Server()
        self.state = ChatState()
        self.shown: list[m.Line] = []  # as a front end knows it by the changes alone
        self._restore = self.server.backup()
        self._asked: deque[m.Request] = deque()
        self._read: deque[tuple[m.Request, m.Reply]] = deque()
        self._under_way: deque[m.Event | tuple[m.Request, m.Reply]] = deque()
        self.log_in()

    @property
    def room(self) -> Room:
        return self.state.rooms[ROOM]

    def log_in(self) -> None:
        """Log in anew, on a new connection if there is one: nothing missed follows."""
        self._lose_connection()
        self._show(self.state.answer(_LOGIN, self._welcome()))

    def log_in_anew(self) -> None:
        """Log in without anything that was loaded before."""
        self.state, self.shown = ChatState(), []
        self.log_in()

    def reconnect(self) -> None:
        """Lose the connection, with all that is under way, and resume the session."""
        self._lose_connection()
        seen = self.room.seen
        resume = resume_request("t", self.state.rooms.seen())
        self._show(self.state.answer(resume, self._welcome()))
        self._under_way += self.server.missed(*seen)

    def back_up(self) -> None:
        """Let the server make the backup that it is restored from next time."""
        self._restore = self.server.backup()

    def restore(self, posts: int) -> None:
        """Restore the server, let so many messages be posted, and reconnect."""
        self._restore()
        for _ in range(posts):
            self.server.post()
        self.reconnect()

    def _lose_connection(self) -> None:
        unanswered = [item[0] for item in self._under_way if isinstance(item, tuple)]
        unanswered += [request for request, _ in self._read]
        self._under_way.clear()
        self._read.clear()
        for request in [*unanswered, *self._asked]:
            self._show(self.state.answer(request, None))
        self._asked.clear()

    def happens(self, event: m.Event) -> None:
        self._under_way.append(event)

    def ask(self, request: m.Request | None) -> None:
        if request is not None:
            self._asked.append(request)

    def read(self) -> None:
        """Let the server read what the oldest request asks for, and reply to it later."""
        if not self._asked:
            return
        request = self._asked.popleft()
        if isinstance(request, m.History):
            self._read.append((request, self.server.page(request)))
        else:
            assert isinstance(request, m.LookUp)
            self._read.append((request, self.server.look_up(request)))

    def answer(self) -> None:
        """Let the server reply to the oldest request."""
        if not self._read:
            self.read()
        if self._read:
            self._under_way.append(self._read.popleft())

    def receive(self) -> None:
        """Let the oldest of what is under way arrive."""
        if not self._under_way:
            return
        item = self._under_way.popleft()
        changes = self.state.answer(*item) if isinstance(item, tuple) else self.state.apply(item)
        self._show(changes)

    def settle(self) -> None:
        """Let everything arrive."""
        while self._asked or self._read or self._under_way:
            self.answer()
            self.receive()

    def _welcome(self) -> m.Welcome:
        info = m.RoomInfo(ROOM, "", self.server.last_seq, self.server.last_seq)
        return m.Welcome(re=1, account="ada", token="t", rooms=[info])

    def _show(self, changes: list[Change]) -> None:
        for change in changes:
            match change:
                case Appended(lines=lines):
                    self.shown += lines
                case Prepended(lines=lines):
                    self.shown[:0] = lines
                case StartedOver():
                    self.shown = list(messages_in(self.room.lines))
                case Updated(seqs=seqs):
                    self.shown = [
                        self.room.line(line.seq) or line if line.seq in seqs else line
                        for line in self.shown
                    ]
