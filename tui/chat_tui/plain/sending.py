"""Sends one message from a program, perhaps with files: a cron job, a build, a monitor."""

import asyncio
import re
import sys
from contextlib import suppress
from typing import Final

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.names import is_direct
from chat_shared.text import clean
from chat_tui.commands import parser
from chat_tui.controller.chunks import Online
from chat_tui.controller.controller import MakeClient, WrongAccount, check_account
from chat_tui.controller.questions import Questions
from chat_tui.controller.uploads import Uploads
from chat_tui.model.address import Invitation
from chat_tui.model.outbox import FileToSend, Outbox, Status
from chat_tui.net.events import (
    Answer,
    ClientEvent,
    LoggedIn,
    LogIn,
    LogInFailed,
    Received,
    SessionEnded,
    TrustNeeded,
    TrustNotSaved,
)
from chat_tui.plain.console import say
from chat_tui.plain.gave_up import GaveUp
from chat_tui.plain.login import REVOKED
from chat_tui.plain.server_check import how_to_confirm

# Seconds without progress: time for a lost connection to come back and for a busy server to answer.
_WITHIN: Final = 60.0

# Colours that programs write for a terminal; in a room they would be noise.
_COLOURS: Final = re.compile(r"\x1b\[[0-9;:]*m")


class Sending:
    """Sends one text to one room or person, exactly once, or says why not."""

    def __init__(
        self, room: str, make_client: MakeClient, files: tuple[FileToSend, ...] = ()
    ) -> None:
        """`room` may be @ and the name of a person, who gets a direct message."""
        self._files = files
        self._max_file = 0  # bytes, as the server says at the log-in
        self._person = room[1:] if is_direct(room) else ""
        self._room = "" if self._person else room
        self._text = ""
        self._outbox = Outbox()
        self._client = make_client(self._handle, self._outbox, dict)
        self._questions = Questions(self._client.send)
        self._online = Online(lambda: self._client.online)
        self._uploads = Uploads(
            self._questions.ask, self._outbox, self._online, lambda: self._max_file,
            lambda: None, self,
        )  # fmt: skip
        self._uploading: asyncio.Task[None] | None = None
        self._over = asyncio.Event()
        self._moved = asyncio.Event()  # or it is over
        self._reason = f"The server did not accept the message within {_WITHIN:.0f} s."
        self._done = False
        self._named = ""

    async def run(self, to: Invitation, log_in: LogIn, text: str, named: str = "") -> None:
        """Return once the server has stored the message. Raises GaveUp with the reason.

        Sends nothing if it logs in to another account than the one `named`.
        """
        text = clean(_COLOURS.sub("", text))
        if why := parser.why_not_sent(parser.SendMessage(text)):
            raise GaveUp(why)
        self._named = named
        self._text = text
        if self._room:
            self._add()
        run = self._client.run(to.address, log_in, to.fingerprint, to.alts)
        connection = asyncio.create_task(run)
        try:
            await self._wait()
        finally:
            tasks = [task for task in (connection, self._uploading) if task is not None]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if self._uploading is not None and not self._uploading.cancelled():
            self._uploading.result()  # raises what it failed by
        if not self._done:
            raise GaveUp(self._reason)

    async def _wait(self) -> None:
        """Return when it is over, or when nothing has moved for too long."""
        with suppress(TimeoutError):  # which is the reason already
            while not self._over.is_set():
                self._moved.clear()
                async with asyncio.timeout(_WITHIN):
                    await self._moved.wait()

    def _add(self) -> None:
        """Put the message into the outbox, and begin to upload what it waits for."""
        self._outbox.add(self._room, self._text, files=self._files)
        self._upload()

    def _upload(self) -> None:
        """Upload what the message waits for, unless that is being done."""
        if self._uploading is None or self._uploading.done():
            self._uploading = asyncio.create_task(self._uploads.run())

    # --- for uploads

    def changed(self) -> None:
        """A transfer began, waits, or has ended: nobody watches it."""

    def has_moved(self) -> None:
        self._moved.set()

    def settled(self, room: str) -> None:
        self._client.flush()
        self._check_outbox()

    # --- what the client tells

    def _handle(self, event: ClientEvent) -> None:
        match event:
            case Received(items):
                self._answered([item for item in items if isinstance(item, Answer)])
                self._check_outbox()
            case LogInFailed(Code.BAD_TOKEN) | SessionEnded(token_revoked=True):
                self._end(REVOKED)
            case LogInFailed(_, sentence) | SessionEnded(sentence):
                self._end(clean(sentence))
            case TrustNeeded():
                self._end(clean(_what_to_do(event)))
            case TrustNotSaved(sentence):
                say(sentence, sys.stderr)
            case LoggedIn() if not self._over.is_set():
                self._max_file = event.max_file
                self._online.note()
                self._send()

    def _send(self) -> None:
        """Send the message; to a person, once their conversation is open."""
        if self._room:
            self._client.flush()
            self._check_outbox()  # a message too long for a frame is refused at once
        else:
            self._client.send(m.Direct(id=m.UNNUMBERED, name=self._person))

    def _answered(self, answers: list[Answer]) -> None:
        for answer in answers:
            self._questions.answer(answer.request, answer.reply)
            match answer.request, answer.reply:
                case _, m.Welcome(account=account):
                    self._check_account(account)
                case m.Direct(), m.Joined(room=room):
                    self._room = room
                    self._add()
                    self._send()
                case m.Post(), m.Error():
                    self._upload()  # again, where it was refused for want of its files
                case m.Direct(), m.Error(message=sentence):
                    self._end(clean(sentence))

    def _check_account(self, account: str) -> None:
        """Send nothing as another account: the client sends the outbox right after the log-in."""
        try:
            check_account(account, self._named)
        except WrongAccount as exc:
            self._outbox.clear()
            self._end(str(exc))

    def _check_outbox(self) -> None:
        """End if the message was accepted or refused."""
        if self._outbox.count(Status.ACCEPTED):
            self._done = True
            self._over.set()
            self._moved.set()
        for unsent in self._outbox.of(self._room):
            if unsent.status is Status.REFUSED:
                self._end(clean(unsent.reason))

    def _end(self, reason: str) -> None:
        self._reason = reason
        self._over.set()
        self._moved.set()


def _what_to_do(event: TrustNeeded) -> str:
    """Return what somebody has to do before this script can send."""
    address, mismatch = event.address, event.mismatch
    if mismatch.known:
        return f"{event.sentence} To check and accept it, run chat-tui {address}."
    advice = mismatch.advice(address, None)
    return f"{event.sentence} {advice} {how_to_confirm(address, mismatch.shown)}"
