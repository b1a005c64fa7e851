"""One message from a program: cron jobs, builds, whatever has something to tell a room."""

import asyncio
import re
from typing import Final

from textual.message import Message

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_TEXT
from chat_shared.text import clean
from chat_tui.model.address import Invitation
from chat_tui.model.outbox import Outbox, Status
from chat_tui.net.client import Client
from chat_tui.net.events import (
    Answer,
    FingerprintChanged,
    FirstVisit,
    LoggedIn,
    LogInFailed,
    Received,
    SessionEnded,
)
from chat_tui.plain.login import VOID, GaveUp, check_account
from chat_tui.storage.paths import Paths

# Seconds in which a line that breaks may come back and a full server may answer.
_WITHIN: Final = 60.0

# What programs write for a terminal to colour; in a room it would be noise.
_COLOURS: Final = re.compile(r"\x1b\[[0-9;:]*m")


class Sending:
    """Brings one text to one room, exactly once, or says why not."""

    def __init__(self, folder: Paths, room: str) -> None:
        self._room = room
        self._outbox = Outbox()
        self._client = Client(self._hear, self._outbox, dict, known=folder.known)
        self._over = asyncio.Event()
        self._reason = f"The server did not take the message within {_WITHIN:.0f} seconds."
        self._done = False
        self._named = ""

    async def run(self, to: Invitation, token: str, text: str, named: str = "") -> None:
        """Return once the server has the message on disk. Raises GaveUp with the reason.

        Nothing is sent by the token of another one than is `named`.
        """
        text = clean(_COLOURS.sub("", text))
        if len(text) > MAX_TEXT:
            raise GaveUp(f"That is too long: a message takes at most {MAX_TEXT:,} characters.")
        self._named = named
        self._outbox.add(self._room, text)
        resume = m.Resume(id=m.UNNUMBERED, token=token, seen={})
        way = asyncio.create_task(self._client.run(to.address, resume, to.fingerprint))
        try:
            async with asyncio.timeout(_WITHIN):
                await self._over.wait()
        except TimeoutError:
            pass  # the reason stands already
        finally:
            way.cancel()
            await asyncio.gather(way, return_exceptions=True)
        if not self._done:
            raise GaveUp(self._reason)

    def _hear(self, message: Message) -> None:
        match message:
            case Received(items):
                for item in items:
                    if isinstance(item, Answer) and isinstance(item.reply, m.Welcome):
                        self._check_account(item.reply.account)
                self._look()
            case LogInFailed(Code.BAD_TOKEN) | SessionEnded():
                self._end(VOID)
            case LogInFailed(_, sentence):
                self._end(clean(sentence))
            case FingerprintChanged(address, mismatch):
                self._end(f"{address} was known by {mismatch.known} and shows {mismatch.shown}.")
            case FirstVisit(_, _, problem) if problem:
                self._end(clean(problem))
            case LoggedIn():
                self._client.flush()
                self._look()  # what is too long is refused here and now

    def _check_account(self, account: str) -> None:
        """Send nothing as another: the link sends what is in the outbox as soon as it is let in."""
        try:
            check_account(account, self._named)
        except GaveUp as exc:
            self._outbox.clear()
            self._end(str(exc))

    def _look(self) -> None:
        """See what has become of the message."""
        if self._outbox.count(Status.ACCEPTED):
            self._done = True
            self._over.set()
        for unsent in self._outbox.of(self._room):
            if unsent.status is Status.REFUSED:
                self._end(clean(unsent.reason))

    def _end(self, reason: str) -> None:
        self._reason = reason
        self._over.set()
