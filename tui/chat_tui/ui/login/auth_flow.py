"""Logging in and out: the form, a stored session, a changed fingerprint.

The app is here between `LogInRequested` and `LoggedIn`. The chat itself is up to `app`.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol

from textual import on, work
from textual.app import App
from textual.message import Message

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.names import fold, is_direct
from chat_shared.text import clean
from chat_tui.model import read_state
from chat_tui.model.address import Address, BadAddress, Invitation, read_address
from chat_tui.model.outbox import Outbox, Unsent
from chat_tui.model.state import ChatState
from chat_tui.net.events import (
    FingerprintChanged,
    FirstVisit,
    Greeted,
    LoggedIn,
    LogIn,
    LogInFailed,
    SessionEnded,
)
from chat_tui.storage import settings as stored
from chat_tui.storage.known_servers import UnusableFile
from chat_tui.storage.outbox_file import OutboxFile
from chat_tui.storage.paths import Paths
from chat_tui.storage.settings import Settings
from chat_tui.ui.login.screen import LoginScreen
from chat_tui.ui.messages import GoRequested, LogInRequested

_READING_TIME: Final = 20  # seconds: time to compare a long fingerprint with another one


class AnyClient(Protocol):
    """What the app needs of a client."""

    @property
    def online(self) -> bool: ...
    @property
    def token(self) -> str: ...
    async def run(self, address: Address, log_in: LogIn, fingerprint: str = "") -> None: ...
    def ask(self, request: m.Request) -> bool: ...
    def flush(self) -> None: ...
    def retry_now(self) -> None: ...


MakeClient = Callable[
    [Callable[[Message], object], Outbox, Callable[[], Mapping[str, int]]], AnyClient
]


class AuthFlow(App[None]):
    """Shows the form until the user is logged in."""

    def __init__(
        self,
        settings: Settings,
        *,
        invitation: Invitation | None,
        path: Path | None,
        folder: Paths,
        make_client: MakeClient,
    ) -> None:
        super().__init__()
        self.state = ChatState()
        self._settings = settings
        self._path = path
        self._invitation = invitation
        self._folder = folder
        self._client = make_client(self.post_message, self.state.outbox, self.state.seen)
        self._login: LoginScreen | None = None
        self._going: LogInRequested | None = None
        self._kept_in: OutboxFile | None = None
        self._kept_for = ("", "")  # server and account of that file

    def on_mount(self) -> None:
        self._login = self._form()
        self.push_screen(self._login)
        self._resume_stored()

    # --- the form

    def _form(self, note: str = "") -> LoginScreen:
        settings = self._settings
        return LoginScreen(settings.server, settings.name, note, invitation=self._invitation)

    @work
    async def _resume_stored(self) -> None:
        """Resume a stored session, if there is one for the server and name in the form."""
        address = self._invitation.address if self._invitation else _address(self._settings.server)
        if address is None:
            return
        find = self._folder.tokens.find
        kept = await asyncio.to_thread(find, address.key, self._settings.name)
        if kept is not None and self._login is not None:
            self._login.resume(kept)

    @on(LogInRequested)
    def log_in(self, event: LogInRequested) -> None:
        to = event.to
        if self._going is not None and self._going.to.address.key != to.address.key:
            self._close_outbox()
            self.state.leave()
        self._going = event
        way = self._client.run(to.address, event.request, to.fingerprint)
        self.run_worker(way, group="link", exclusive=True)

    @on(Greeted)
    def note_registration(self, event: Greeted) -> None:
        if self._login is not None and self._login.is_current:
            self._login.greeted(event.registration)

    @on(LogInFailed)
    def say_why_not(self, event: LogInFailed) -> None:
        if self._login is not None:
            self._login.failed(event)
        if event.code == Code.BAD_TOKEN:
            self._forget_session()

    @on(FirstVisit)
    def introduce(self, event: FirstVisit) -> None:
        """Show the fingerprint that is trusted from now on, so that it can be compared."""
        outcome = event.problem or f"It is remembered in {self._folder.known.path}."
        sentence = f"This server's fingerprint is {event.fingerprint}. {outcome}"
        self.notify(
            clean(sentence),
            title=f"First visit to {event.address}",
            timeout=_READING_TIME,
            markup=False,
        )

    @on(FingerprintChanged)
    @work
    async def ask_about_server(self, event: FingerprintChanged) -> None:
        from chat_tui.ui.dialogs.changed_fingerprint import ChangedFingerprint

        known = self._folder.known
        dialog = ChangedFingerprint(event.address, event.mismatch, known.path)
        if not await self.push_screen_wait(dialog) or self._going is None:
            return
        try:
            known.remember(event.address, event.mismatch.shown)
        except UnusableFile as exc:
            self.notify(clean(str(exc)), severity="error", markup=False)
        else:
            self.log_in(self._again())

    def _again(self) -> LogInRequested:
        """Return the last log-in request: a resumption, if there was a session."""
        assert self._going is not None
        if not self._client.token:
            return self._going
        seen = self.state.seen()
        request = m.Resume(id=m.UNNUMBERED, token=self._client.token, seen=seen)
        return replace(self._going, request=request)

    # --- logged in, and out again

    def _entered(self, event: LoggedIn) -> None:
        """Store the settings, session and outbox for the next start, or after a crash."""
        address, account = event.place.address, self.state.account
        self._open_outbox(address.key, account)
        if event.again or self._going is None:
            return
        to, keep = self._going.to, self._going.keep
        server = self._settings.server if to.local else str(address)
        self._remember(self._settings.remember(server, account))
        self._keep_session(address.key, account, keep)
        # If the form is shown again, it is for this server, without the room.
        self._invitation = replace(to, room="", password="")

    @on(SessionEnded)
    def log_in_again(self, event: SessionEnded) -> None:
        if event.void:
            self._forget_session()
        self._show_form(event.sentence)

    @on(GoRequested)
    def go(self, event: GoRequested) -> None:
        """Follow an invitation to another server."""
        self._report_read()
        self.workers.cancel_group(self, "link")
        self._invitation = event.to
        self._show_form("")
        self._resume_stored()

    def _report_read(self) -> None:
        """Send the read receipts that are still due, before the connection closes.

        They are sent at once, ahead of all message queues; nothing waits for a reply.
        """
        for room in self.state.rooms.values():
            request = read_state.report(room)
            if request is not None and not self._client.ask(request):
                self.state.answer(request, None)

    def _show_form(self, note: str) -> None:
        while len(self.screen_stack) > 2:
            self.pop_screen()
        self._login = self._form(note)
        self.switch_screen(self._login)

    @work
    async def _keep_session(self, server: str, account: str, keep: bool) -> None:
        tokens = self._folder.tokens
        if not keep:
            await asyncio.to_thread(tokens.forget, server)
        elif problem := await asyncio.to_thread(tokens.keep, server, account, self._client.token):
            self.notify(clean(problem), markup=False)

    @work
    async def _forget_session(self) -> None:
        if self._going is not None:
            await asyncio.to_thread(self._folder.tokens.forget, self._going.to.address.key)

    # --- the outbox

    def _open_outbox(self, server: str, account: str) -> None:
        """Store unsent messages on disk, and send those of an earlier run."""
        if self._kept_for == (server, fold(account)):
            return
        self._close_outbox()
        self._kept_for = server, fold(account)
        self._kept_in = self._folder.outbox(server, account)
        if self._kept_in is not None:
            left = [unsent for unsent in self._kept_in.take_over() if self._still_wanted(unsent)]
            self.state.outbox.keep_in(self._kept_in, left)
            self._client.flush()

    def _still_wanted(self, unsent: Unsent) -> bool:
        """Return whether a message of an earlier run still has its room; notify if it has not."""
        if unsent.room in self.state.rooms:
            return True
        if self._kept_in is not None:
            self._kept_in.forget(unsent.nonce)
        where = "that conversation" if is_direct(unsent.room) else unsent.room
        sentence = f"A message was not sent: you are not in {where} any more. {unsent.text}"
        self.notify(clean(sentence), severity="warning", timeout=_READING_TIME, markup=False)
        return False

    def _close_outbox(self, *, discard: bool = False) -> None:
        """Close the file; it is kept for this account's next log-in unless `discard` is set."""
        if self._kept_in is not None and discard:
            self._kept_in.discard()
        elif self._kept_in is not None:
            self._kept_in.close()
        self._kept_in, self._kept_for = None, ("", "")

    def on_unmount(self) -> None:
        self._close_outbox()

    # --- remembering

    def _remember(self, settings: Settings) -> None:
        """Save `settings` for the next start; a full disk must not end the chat."""
        self._settings = settings
        if self._path is not None:
            with suppress(OSError):
                stored.save(settings, self._path)


def _address(text: str) -> Address | None:
    try:
        return read_address(text)
    except BadAddress:
        return None
