"""The chat in plain lines: what is typed is followed, what is said is written."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from textual.message import Message

from chat_shared import messages as m
from chat_shared.limits import GENERAL
from chat_shared.text import clean
from chat_tui.model.address import Invitation
from chat_tui.model.changes import (
    Audited,
    Change,
    MemberJoined,
    MemberLeft,
    Noticed,
    NotificationDue,
    RoomAdded,
    RoomRemoved,
    Updated,
)
from chat_tui.model.outbox import Status
from chat_tui.model.state import ChatState
from chat_tui.net.client import Client, Wake
from chat_tui.net.events import (
    Answer,
    ConnectionLost,
    LoggedIn,
    LogInFailed,
    Received,
    SessionEnded,
)
from chat_tui.plain import sentences
from chat_tui.plain.console import Console
from chat_tui.plain.login import Entry, check_account
from chat_tui.plain.open_room import OpenRoom
from chat_tui.plain.typed_input import InputReader
from chat_tui.storage.paths import Paths
from chat_tui.storage.settings import Settings

# Seconds in which something has to get on, when there are no more lines. A long
# pipe takes its time: the server takes no more than so many messages in a minute.
_SEND_WITHIN: Final = 30.0


class PlainChat:
    """One person at one console. `run` returns when they leave."""

    def __init__(
        self, console: Console, settings: Settings, folder: Paths, wake: Wake = None
    ) -> None:
        self.console = console
        self._settings = settings
        self._folder = folder
        self.state = ChatState()
        self._entry = Entry(console, folder)
        self._client = Client(
            self._hear, self.state.outbox, self.state.seen, known=folder.known, wake=wake
        )
        self._server = ""
        self.room = OpenRoom(self.state, console, self._client.ask)
        # Asked by typed lines: their answers are written. By identity, and so kept alive.
        self._own: dict[int, tuple[m.Request, asyncio.Future[m.Reply | None]]] = {}
        self._typed: set[str] = set()  # nonces: sent as soon as typed, and not come back yet
        self._over = asyncio.Event()
        self._has_said_goodbye = False  # by /logout or /delete-account
        self._is_sent_away = False  # without that
        self._has_failed = False  # at something that was typed
        self._news = asyncio.Event()  # something came, or all is over

    async def run(self, invitation: Invitation | None, token: str = "", named: str = "") -> int:
        """Get in, talk, leave; return the exit code.

        It is 1 where something could not be sent, or the server ended the session; where
        nobody types, also where a line could not be followed.
        Raises GaveUp where nobody was let in, or by the token of another one than is `named`.
        """
        to = await self._entry.find_server(invitation, self._settings.server)
        name = self._settings.name if token else await self._entry.find_name(self._settings.name)
        await self._entry.log_in(self._client, to, name, token)
        check_account(self.state.account, named)
        self._entry.when_over(self.leave)
        self._server = to.address.key
        self._keep_unsent()
        self.room.open(GENERAL)
        if to.room:
            await self.ask(m.Join(id=m.UNNUMBERED, room=to.room, password=to.password))
        await self._follow_typed_lines()
        return await self._end()

    async def _follow_typed_lines(self) -> None:
        """Follow what is typed until there is no more, or nobody to follow it for."""
        talk = asyncio.create_task(InputReader(self, self.console).run())
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
            self._client.flush()

    async def _end(self) -> int:
        """Wait for what was typed last to be on the server's disk."""
        with suppress(TimeoutError):  # what is left is counted below
            while self._is_under_way() and not self._over.is_set():
                await asyncio.wait_for(self._gets_on(), _SEND_WITHIN)
        await self._entry.disconnect()
        left = self.state.outbox.count(Status.QUEUED, Status.SENDING, Status.REFUSED)
        if left:
            self.console.write(f"Not sent: {left:,}. The next start as the same person sends it.")
        never_sent = (self._has_failed or self.room.has_missed) and not self.console.shows_typed
        return 1 if left or self._is_sent_away or never_sent else 0

    async def _gets_on(self) -> None:
        """Return when less is to be sent or shown than now, whatever others say meanwhile."""
        left = self._to_send()
        while self._is_under_way() and self._to_send() == left and not self._over.is_set():
            await self._wait_for_news()

    def _to_send(self) -> int:
        return self.state.outbox.count(Status.QUEUED, Status.SENDING)

    def _is_under_way(self) -> bool:
        """Say whether something is still to be sent, or to be shown of the open room."""
        return self._is_paging() or self._to_send() > 0

    def _is_paging(self) -> bool:
        room = self.state.rooms.get(self.room.name)
        return room is not None and room.paging and self._client.online

    async def _wait_for_news(self) -> None:
        self._news.clear()
        await self._news.wait()

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
                self.room.write_news()
                self._news.set()
            case ConnectionLost(reason, _, 1):
                self._typed.clear()  # what may have got lost is written when it is there
                self.console.write(sentences.connection_lost(reason))
            case SessionEnded(sentence) | LogInFailed(_, sentence):
                self.console.write(clean(sentence))
                self._is_sent_away = not self._has_said_goodbye
                self._over.set()

    def _take_in(self, item: Answer | m.Event) -> None:
        if isinstance(item, Answer):
            self._tell_all(self.state.answer(item.request, item.reply))
            self._answered(item)
        else:
            self._note_typed(item)
            self._tell_all(self.state.apply(item))

    def _note_typed(self, event: m.Event) -> None:
        """Write nothing twice: what was typed at a terminal stands there already."""
        if isinstance(event, m.Posted) and event.nonce in self._typed:
            self._typed.remove(event.nonce)
            self.room.stands_typed(event.room, event.seq)

    def _answered(self, answer: Answer) -> None:
        request, reply = answer.request, answer.reply
        if id(request) not in self._own:
            return
        _, answered = self._own.pop(id(request))
        for line in sentences.replied(request, reply, self.room.title_of):
            self.console.write(line)
        if isinstance(reply, m.Joined | m.Created):
            self.room.open(reply.room)
        elif isinstance(request, m.History) and isinstance(reply, m.Page):
            self.room.write_older(reply)
        elif isinstance(request, m.Logout | m.DeleteAccount) and isinstance(reply, m.Ok):
            self._has_said_goodbye = True
        elif reply is None or isinstance(reply, m.Error):
            self._has_failed = True
            self._miss(request)
        self.room.listed(request, reply)
        if not answered.done():  # as it is where one leaves meanwhile
            answered.set_result(reply)

    def _miss(self, request: m.Request) -> None:
        """Note where that which was not done was to lead."""
        match request:
            case m.Join(room=meant) | m.Create(room=meant) | m.Direct(name=meant):
                self.room.miss(meant)

    def _tell_refused(self) -> None:
        """Give back what will not be sent, be it the server that says so or the link."""
        for unsent in self.state.outbox.take_refused():
            self.fail(f"Not sent: {clean(unsent.reason)} It was: {clean(unsent.text)}")

    def _tell_all(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self._tell(change)

    def _tell(self, change: Change) -> None:
        match change:
            case RoomAdded(room):
                self._client.ask(m.Join(id=m.UNNUMBERED, room=room))
            case RoomRemoved():
                self._tell_gone(change)
            case Noticed(text):
                self.console.write(f"From the server: {clean(text)}")
            case NotificationDue(room, line) if room != self.room.name:
                self.console.write(sentences.message_in(room, line))
            case _ if getattr(change, "room", "") == self.room.name:
                self._tell_of_room(change)

    def _tell_gone(self, gone: RoomRemoved) -> None:
        """Say it. Unless it was wished, what is typed next was meant for those in there."""
        by = "" if self.state.is_me(gone.by) else gone.by
        self.console.write(sentences.removed(gone.title, by, gone.reason))
        if gone.room != self.room.name:
            return
        asked = [request for request, _ in self._own.values()]
        if any(isinstance(a, m.Exit | m.DeleteRoom) and a.room == gone.room for a in asked):
            self.room.open(GENERAL)
        else:
            self.room.lose()

    def _tell_of_room(self, change: Change) -> None:
        """Write what happened in the open room, besides what was said."""
        match change:
            case MemberJoined(_, name) if not self.state.is_me(name):
                self.console.write(sentences.joined(name))
            case MemberLeft(_, name, by="") if not self.state.is_me(name):
                self.console.write(sentences.left(name))
            case Updated(_, seqs):
                self.room.write_changed(seqs)
            case Audited(_, entry):
                self.console.write(sentences.audited(entry))

    # --- for what is typed

    def say(self, text: str) -> None:
        unsent = self.state.outbox.add(self.room.name, text)
        if self.console.shows_typed and self._client.online:
            self._typed.add(unsent.nonce)
        self._client.flush()

    def fail(self, sentence: str) -> None:
        """Say what could not be done with a typed line."""
        self._has_failed = True
        self.console.write(sentence)

    async def say_to(self, name: str, text: str) -> None:
        """Say something to one person, in the room of two, which is opened for that."""
        if (room := self.state.rooms.with_peer(name)) is None:
            await self.ask(m.Direct(id=m.UNNUMBERED, name=name))
            room = self.state.rooms.with_peer(name)
        if room is not None:
            self.room.open(room.name)
            self.say(text)

    async def ask(self, request: m.Request) -> m.Reply | None:
        """Ask the server; return its answer, if there is one, when that has been written."""
        if not self._client.ask(request):
            self.fail(sentences.OFFLINE)
            self._miss(request)
            return None
        answered: asyncio.Future[m.Reply | None] = asyncio.get_running_loop().create_future()
        self._own[id(request)] = request, answered
        return await answered

    async def wait_written(self) -> None:
        """Return when what the open room held when it was opened is written, or will not come."""
        while self._is_paging() and not self._over.is_set():
            await self._wait_for_news()

    async def forget_session(self) -> None:
        """Let the next start ask for a password."""
        await asyncio.to_thread(self._folder.tokens.forget, self._server)

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    def leave(self) -> None:
        self._over.set()
        self._news.set()
