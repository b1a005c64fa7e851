"""The chat in plain lines: what is typed is followed, what is said is written."""

import asyncio
from collections.abc import Callable
from typing import Final

from textual.message import Message

from chat_shared import messages as m
from chat_shared.limits import GENERAL
from chat_shared.text import clean, clean_line
from chat_tui.address import Invitation
from chat_tui.changes import (
    Audited,
    Came,
    Change,
    Concerned,
    Noticed,
    RoomCame,
    RoomGone,
    Updated,
    Went,
)
from chat_tui.link import Link, Wake
from chat_tui.messages import Answer, LineLost, LoggedIn, LogInFailed, Received, SentAway
from chat_tui.outbox import Status
from chat_tui.plain import words
from chat_tui.plain.console import Console
from chat_tui.plain.entry import Entry
from chat_tui.plain.typed import Typist
from chat_tui.reading_teller import ReadingTeller
from chat_tui.room import Room
from chat_tui.settings import Settings
from chat_tui.slash import UNNUMBERED
from chat_tui.state import ChatState
from chat_tui.state_folder import StateFolder

_SHOWN_AT_FIRST: Final = 20  # messages, when a room is opened: what one can listen to
_SEND_WITHIN: Final = 30.0  # seconds for what was typed last, when there are no more lines


class PlainChat:
    """One person at one console. `run` returns when they leave."""

    def __init__(
        self, console: Console, settings: Settings, folder: StateFolder, wake: Wake = None
    ) -> None:
        self.console = console
        self._settings = settings
        self._folder = folder
        self.state = ChatState()
        self._entry = Entry(console, folder)
        self._link = Link(
            self._hear, self.state.outbox, self.state.seen, known=folder.known, wake=wake
        )
        self._server = ""
        self._teller = ReadingTeller(self._link.ask, _later)
        self.current = GENERAL
        self._shown_to: dict[str, int] = {}  # by room: the last message that was written
        self.first_shown: dict[str, int] = {}  # and the first
        # Asked by typed lines: their answers are written. By identity, and so kept alive.
        self._own: dict[int, tuple[m.Request, asyncio.Future[None]]] = {}
        self._over = asyncio.Event()
        self._sent = asyncio.Event()  # something left the outbox

    async def run(self, invitation: Invitation | None, token: str = "") -> int:
        """Get in, talk, leave; return the exit code: 1 where something could not be sent.

        Raises GaveUp where nobody was let in.
        """
        to = await self._entry.find_server(invitation, self._settings.server)
        name = self._settings.name if token else await self._entry.find_name(self._settings.name)
        await self._entry.log_in(self._link, to, name, token)
        self._entry.when_over(self.leave)
        self._server = to.address.key
        self._keep_unsent()
        if to.room:
            await self.ask(m.Join(id=UNNUMBERED, room=to.room, password=to.password))
        self.open_room(GENERAL)
        await self._follow_typed_lines()
        return await self._end()

    async def _follow_typed_lines(self) -> None:
        """Follow what is typed until there is no more, or nobody to follow it for."""
        talk = asyncio.create_task(Typist(self, self.console).run())
        leave = asyncio.create_task(self._over.wait())
        try:
            await asyncio.wait({talk, leave}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            over = talk.done()
            talk.cancel()
            leave.cancel()
            await asyncio.wait({talk, leave})
        if over:
            talk.result()  # what it ended by, if that was no end of lines

    def _keep_unsent(self) -> None:
        """Keep on disk what is not acknowledged, and send what an earlier run could not."""
        file = self._folder.outbox(self._server, self.state.account)
        if file is not None:
            left = [unsent for unsent in file.take_over() if unsent.room in self.state.rooms]
            self.state.outbox.keep_in(file, left)
            self._link.flush()

    async def _end(self) -> int:
        """Wait for what was typed last to be on the server's disk."""
        try:
            async with asyncio.timeout(_SEND_WITHIN):
                while self._is_under_way() and not self._over.is_set():
                    self._sent.clear()
                    await self._sent.wait()
        except TimeoutError:
            pass  # what is left is counted below
        await self._entry.hang_up()
        left = self.state.outbox.count(Status.QUEUED, Status.SENDING, Status.REFUSED)
        if left:
            self.console.write(f"Not sent: {left:,}. The next start as the same person sends it.")
        return 1 if left else 0

    def _is_under_way(self) -> bool:
        """Say whether something is still to be sent, or to be shown of the open room."""
        room = self.state.rooms.get(self.current)
        asked = room is not None and room.paging and self._link.online
        return asked or self.state.outbox.count(Status.QUEUED, Status.SENDING) > 0

    # --- what the link says

    def _hear(self, message: Message) -> None:
        if isinstance(message, LoggedIn) and message.again:
            self.console.write("The line is back.")
        if self._entry.heard(message):
            return
        match message:
            case Received(items):
                for item in items:
                    self._take_in(item)
                self._tell_refused()
                self._write_news()
                self._sent.set()
            case LineLost(reason, _, 1):
                self.console.write(f"{clean(reason)} Trying to come back; what you type is kept.")
            case SentAway(sentence) | LogInFailed(_, sentence):
                self.console.write(clean(sentence))
                self._over.set()

    def _take_in(self, item: Answer | m.Event) -> None:
        if isinstance(item, Answer):
            changes = self.state.answer(item.request, item.reply)
            self._answered(item)
        else:
            changes = self.state.apply(item)
        for change in changes:
            self._tell(change)

    def _answered(self, answer: Answer) -> None:
        request, reply = answer.request, answer.reply
        if id(request) not in self._own:
            return
        _, answered = self._own.pop(id(request))
        for line in words.answered(request, reply, self._title_of):
            self.console.write(line)
        if isinstance(reply, m.Joined | m.Created):
            self.open_room(reply.room)
        elif isinstance(request, m.History) and isinstance(reply, m.Page):
            self._write_older(request.room, reply.messages)
        if not answered.done():  # as it is where one leaves meanwhile
            answered.set_result(None)

    def _tell_refused(self) -> None:
        """Give back what will not be sent, be it the server that says so or the link."""
        outbox = self.state.outbox
        waiting = [unsent for room in sorted(outbox.rooms) for unsent in outbox.of(room)]
        for unsent in waiting:
            if unsent.status is not Status.REFUSED:
                continue
            outbox.give_up(unsent.nonce)
            self.console.write(f"Not sent: {clean(unsent.reason)} It was: {clean(unsent.text)}")

    def _tell(self, change: Change) -> None:
        match change:
            case RoomCame(room):
                self._link.ask(m.Join(id=UNNUMBERED, room=room))
            case RoomGone(room):
                self.console.write(f"You are not in {clean_line(room)} any more.")
                if room == self.current:
                    self.open_room(GENERAL)
            case Noticed(text):
                self.console.write(f"From the server: {clean(text)}")
            case Concerned(room, line) if room != self.current:
                self.console.write(words.said_in(room, line))
            case _ if getattr(change, "room", "") == self.current:
                self._tell_of_room(change)

    def _tell_of_room(self, change: Change) -> None:
        """Write what happened in the open room, besides what was said."""
        match change:
            case Came(_, name) if not self.state.is_me(name):
                self.console.write(words.entered(name))
            case Went(_, name, by="") if not self.state.is_me(name):
                self.console.write(words.left(name))
            case Updated(_, seqs):
                self._write_changed(seqs)
            case Audited(_, entry):
                self.console.write(words.audited(entry))

    # --- the open room

    def open_room(self, name: str) -> None:
        room = self.state.find(name)
        if room is None:
            self.console.write(f"You are not in {clean_line(name)}. /join takes its password.")
            return
        if room.name != self.current:
            self.console.write(f"Now in {clean_line(room.title)}.")
        self.current = room.name
        self._write_news()

    def _write_news(self) -> None:
        """Write what was said in the open room since it was last looked at."""
        room = self.state.rooms.get(self.current)
        if room is None:
            return
        if not room.reaches_the_end:
            if (request := room.newest()) is not None:
                self._link.ask(request)
            return
        for line in self._news(room):
            self._write_line(room, line)
        self._shown_to[room.name] = room.last_seq
        self.state.read(room.name)
        self._teller.tell(room)

    def _news(self, room: Room) -> list[m.Line]:
        """Return what was not written yet; where nothing was, all unread and some before it."""
        if (shown_to := self._shown_to.get(room.name)) is not None:
            return [line for line in room.lines if line.seq > shown_to and not line.change]
        said = [line for line in room.lines if not line.change]
        unread = sum(line.seq > room.read_seq for line in said)
        if said and said[0].seq > room.read_seq + 1 and room.unread > unread:
            self.console.write(words.unread_above(room.unread - unread))
        return said[-max(unread, _SHOWN_AT_FIRST) :]

    def _write_line(self, room: Room, line: m.Line) -> None:
        self.first_shown.setdefault(room.name, line.seq)
        self.console.write(words.said(line))

    def _write_changed(self, seqs: tuple[int, ...]) -> None:
        """Write messages again that were written before and are others now."""
        shown_to = self._shown_to.get(self.current, 0)
        for line in self.state.rooms[self.current].lines:
            if line.seq in seqs and line.seq <= shown_to and not line.change:
                self.console.write(f"Changed: {words.said(line)}")

    def _write_older(self, room: str, lines: list[m.Line]) -> None:
        if not lines:
            self.console.write("There is nothing older.")
            return
        self.first_shown[room] = lines[0].seq
        for line in lines:
            if not line.change:
                self.console.write(words.said(line))
        self.console.write("That was what stood before. /older goes on.")

    # --- for what is typed

    def say(self, text: str) -> None:
        self.state.outbox.add(self.current, text)
        self._link.flush()

    @property
    def title(self) -> str:
        """What people call the open room."""
        return self._title_of(self.current)

    def _title_of(self, name: str) -> str:
        room = self.state.rooms.get(name)
        return room.title if room is not None else name

    async def say_to(self, name: str, text: str) -> None:
        """Say something to one person, in the room of two, which is opened for that."""
        if (room := self.state.rooms.with_peer(name)) is None:
            await self.ask(m.Direct(id=UNNUMBERED, name=name))
            room = self.state.rooms.with_peer(name)
        if room is not None:
            self.open_room(room.name)
            self.say(text)

    async def ask(self, request: m.Request) -> None:
        """Ask the server, and return when its answer has been written."""
        if not self._link.ask(request):
            self.console.write(words.OFFLINE)
            return
        answered = asyncio.get_running_loop().create_future()
        self._own[id(request)] = request, answered
        await answered

    async def forget_session(self) -> None:
        """Let the next start ask for a password."""
        await asyncio.to_thread(self._folder.tokens.forget, self._server)

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    def leave(self) -> None:
        self._over.set()
        self._sent.set()


def _later(seconds: float, do: Callable[[], object]) -> None:
    asyncio.get_running_loop().call_later(seconds, do)
