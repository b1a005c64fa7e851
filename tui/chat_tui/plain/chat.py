"""The chat in plain lines: follows what is typed, writes what happens."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime

from chat_shared import messages as m
from chat_shared.text import clean
from chat_tui.commands import guests_text
from chat_tui.controller.controller import Controller, MakeClient
from chat_tui.controller.page import Page
from chat_tui.markup.files import gist
from chat_tui.model.address import Address, Invitation, Place
from chat_tui.model.changes import Change
from chat_tui.model.connection_keys import NO_KEYS, ConnectionKeys
from chat_tui.model.outbox import FileToSend, PageFile, Status
from chat_tui.model.premises import LOG_IN_TO_SEND, OWN_COMPUTER, Premises
from chat_tui.model.room import Room
from chat_tui.net.client import clients_of
from chat_tui.net.events import (
    Answer,
    ConnectionEvent,
    ConnectionLost,
    LoggedIn,
    LogInFailed,
    SessionEnded,
)
from chat_tui.plain import sentences
from chat_tui.plain.change_lines import ChangeLines
from chat_tui.plain.console import Console
from chat_tui.plain.login import LogInPrompts
from chat_tui.plain.open_room import OpenRoom
from chat_tui.plain.progress import Progress
from chat_tui.plain.typed_input import InputReader
from chat_tui.storage.paths import Paths
from chat_tui.storage.settings import Settings


class PlainChat:
    """One person at one console, from the log-in to the exit code."""

    def __init__(
        self,
        console: Console,
        settings: Settings,
        folder: Paths,
        make_client: MakeClient | None = None,
        *,
        account: str = "",
        connection_keys: ConnectionKeys = NO_KEYS,
        premises: Premises = OWN_COMPUTER,
        entered: Callable[[str], object] | None = None,
    ) -> None:
        """A token must be one of `account`, if that is named.

        `entered` is called with the account's name after the log-in.
        """
        self.connection_keys = connection_keys
        self.premises = premises
        self.page: Page | None = None
        self.console = console
        self._entered = entered
        self._settings = settings
        make_client = make_client or clients_of(folder, settings.device)
        self.controller = Controller(self, folder, make_client)
        self.state = self.controller.state
        self.transfers = self.controller.transfers
        self._log_in = LogInPrompts(console, folder, self.controller.run, account)
        self.room = OpenRoom(self.state, console, self.controller.send)
        self._change_lines = ChangeLines(self.controller, console, self.room, self._is_leaving)
        self._progress = Progress(self.controller, self.room)
        self._asked: list[m.Request] = []  # by typed lines, and not answered yet
        self._typed: set[str] = set()  # nonces: sent as soon as typed, and not come back yet
        self._place = Place(Address())
        self._reader = InputReader(self, console)
        self._over = asyncio.Event()
        self._was_logged_out = False  # by the server
        self._has_failed = False  # at something that was typed
        self._tasks = set[asyncio.Task[None]]()  # of what goes on beside the typing

    async def run(self, invitation: Invitation | None, token: str = "") -> int:
        """Log in, chat, disconnect; return the exit code.

        It is 1 if something could not be sent, or the server ended the session; without a
        terminal, also if a line could not be followed. Raises GaveUp without a session.
        """
        to = await self._log_in.find_server(invitation, self._settings.server)
        name = self._settings.name
        name = name if token else await self._log_in.find_name(name, to)
        try:
            await self._log_in.log_in(to, name, token, by_key=self.connection_keys.logs_in)
            if self._entered is not None:
                self._entered(self.state.account)
            self._log_in.when_over(self.leave)
            self.room.open(self.state.home)
            if end := self.state.guest_until:
                returns = self.controller.keeps_session
                self.console.write(guests_text.staying(end, datetime.now(UTC), returns=returns))
            await self._open_first_room()
            await self._follow_typed_lines()
            return await self._end()
        finally:
            self.controller.close()
            await self._end_tasks()
            self._reader.files.close()

    async def _open_first_room(self) -> None:
        """Open the room that the log-in leads to; join it if there is a password or a code."""
        request = self.controller.join_request()
        if request is not None and request.password:
            await self.ask(request)
        elif request is not None:
            self.room.open(request.room)

    async def _follow_typed_lines(self) -> None:
        """Follow what is typed until the input or the session ends."""
        talk = asyncio.create_task(self._reader.run())
        leave = asyncio.create_task(self._over.wait())
        try:
            await asyncio.wait({talk, leave}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            over = talk.done()
            talk.cancel()
            leave.cancel()
            await asyncio.wait({talk, leave})
        if over:
            talk.result()  # raises what it failed by

    async def _end(self) -> int:
        """Wait until the server has stored what was typed last; return the exit code."""
        await self._progress.wait_sent()
        await self._log_in.disconnect()
        left = self.state.outbox.count(Status.QUEUED, Status.SENDING, Status.REFUSED)
        if left:
            self.console.write(sentences.unsent(left, kept=self.controller.unsent.are_kept))
        missed = (self._has_failed or self.room.has_missed) and not self.console.shows_typed
        return 1 if left or self._was_logged_out or missed else 0

    # --- for the controller

    def show_changes(
        self, changes: Sequence[Change], items: Sequence[Answer | m.Event] = ()
    ) -> None:
        for item in items:
            if isinstance(item, m.Posted):
                self._note_typed(item)
        for change in changes:
            self._change_lines.tell(change)
        self._tell_refused()
        self.room.write_new()
        self._progress.note()

    def show_event(self, event: ConnectionEvent) -> None:
        if isinstance(event, LoggedIn):
            self._place = event.place
            if connected := sentences.connected(event):
                self.console.write(connected)
        if self._log_in.handle(event):
            return
        match event:
            case ConnectionLost(reason, _, 1):
                self._typed.clear()  # what may have been lost is written when it comes back
                self.console.write(sentences.connection_lost(reason))
            case SessionEnded(sentence=sentence, requested=requested):
                self._end_session(sentence, by_server=not requested)
            case LogInFailed(sentence=sentence):
                self._end_session(sentence, by_server=True)

    def start(self, coroutine: Coroutine[object, object, None]) -> None:
        """Run `coroutine` to its end, or that of the chat. Its failure is that of the chat."""
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._task_ended)

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or task.exception() is None:
            self._tasks.discard(task)
        else:
            self.leave()

    async def _end_tasks(self) -> None:
        """Cancel what still runs. Raises what something failed by."""
        for task in self._tasks:
            task.cancel()
        for ended in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended

    def warn(self, sentence: str) -> None:
        self.console.write(clean(sentence))

    def _end_session(self, sentence: str, *, by_server: bool) -> None:
        self.console.write(clean(sentence))
        self._was_logged_out = by_server
        self.leave()

    def _note_typed(self, event: m.Posted) -> None:
        """Write nothing twice: what was typed at a terminal is on it already."""
        if event.nonce in self._typed:
            self._typed.remove(event.nonce)
            self.room.mark_typed(event.room, event.seq)

    def _tell_refused(self) -> None:
        """Give back what will not be sent, refused by the server or by the client."""
        for unsent in self.state.outbox.take_refused():
            message = clean(gist(unsent.text, unsent.files))
            self.fail(f"Not sent: {clean(unsent.reason)} Your message: {message}")

    def _is_leaving(self, room: str) -> bool:
        """Whether a typed line, not answered yet, asks to leave or delete `room`."""
        asked = [a for a in self._asked if isinstance(a, m.Exit | m.DeleteRoom)]
        return any(request.room == room for request in asked)

    # --- for what is typed

    def post(self, text: str, reply: int = 0, files: tuple[FileToSend, ...] = ()) -> None:
        """Send a message to the open room, in reply to the message `reply` if that is not 0."""
        if self._progress.is_full:
            self.fail(sentences.too_many_unsent(self._progress.to_send, text))
            return
        online = self.controller.client.online
        unsent = self.controller.post(self.room.name, text, reply, files)
        if self.console.shows_typed and online and not files:  # they get numbers
            self._typed.add(unsent.nonce)

    def offer_files(self, files: Sequence[PageFile], caption: str) -> None:
        """Send files that were chosen in the page that shows us, to the open room."""
        if self.state.account:
            self._reader.files.send_chosen(files, caption)
        else:
            self.console.write(LOG_IN_TO_SEND)

    async def wait_sendable(self) -> None:
        """Return once a pipe may go on; a person need not wait, but is told of what is too much."""
        if not self.console.shows_typed:
            await self._progress.wait_sendable()

    def fail(self, sentence: str) -> None:
        """Write why a typed line could not be followed."""
        self._has_failed = True
        self.console.write(sentence)

    async def post_direct(self, name: str, text: str) -> None:
        """Send a direct message, in the room for these two, which is opened for that."""
        opened = await self.controller.open_direct(name)
        if isinstance(opened, Room):
            self.room.open(opened.name)
            self.post(text)
        else:
            self._write_reply(m.Direct(id=m.UNNUMBERED, name=name), opened)

    async def ask(self, request: m.Request) -> m.Reply | None:
        """Send a request; return its reply, if there is one, once that has been written."""
        self._asked.append(request)
        try:
            reply = await self.controller.ask(request)
        finally:
            self._asked = [other for other in self._asked if other is not request]
        if isinstance(request, m.History) and isinstance(reply, m.Page):
            await self.room.load_entries(reply, self.controller.ask)
        self._write_reply(request, reply)
        return reply

    def _write_reply(self, request: m.Request, reply: m.Reply | None) -> None:
        lines = (
            sentences.invited(reply, self._place)
            if isinstance(reply, m.RoomInvite)
            else sentences.replied(request, reply, self.room.title_of)
        )
        for line in lines:
            self.console.write(line)
        if isinstance(reply, m.Joined | m.Created):
            self.room.open(reply.room)
        elif isinstance(request, m.History) and isinstance(reply, m.Page):
            self.room.write_older(reply)
        elif reply is None or isinstance(reply, m.Error):
            self._has_failed = True
            self.room.not_granted(request)
        self.room.listed(request, reply)

    async def wait_written(self) -> None:
        """Return once the open room's messages of when it was opened are written, or cannot be."""
        await self._progress.wait_written()

    async def forget_session(self) -> None:
        """Make the next start ask for a password."""
        await self.controller.forget_session()

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    def leave(self) -> None:
        self._over.set()
        self._progress.end()
