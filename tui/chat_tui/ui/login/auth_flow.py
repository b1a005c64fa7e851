"""Logging in on the full screen: the form, a stored session, a changed fingerprint.

Shows the form until there is a session, and again after it has ended. The chat
in between is shown by `app`.
"""

from collections.abc import Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from textual import on, work
from textual.app import App
from textual.screen import Screen

from chat_shared import messages as m
from chat_shared.text import clean
from chat_tui.controller.controller import Attempt, Controller, MakeClient
from chat_tui.controller.page import Page
from chat_tui.model.address import Address, BadAddress, Invitation, read_address
from chat_tui.model.changes import Change
from chat_tui.model.connection_keys import ConnectionKeys
from chat_tui.model.premises import Premises
from chat_tui.net.events import (
    Answer,
    ConnectionEvent,
    Greeted,
    LoggedIn,
    LogInFailed,
    SessionEnded,
    TrustNeeded,
    TrustNotSaved,
)
from chat_tui.storage import settings as stored
from chat_tui.storage.known_servers import UnusableFile
from chat_tui.storage.paths import Paths
from chat_tui.storage.settings import BadSettings, Settings
from chat_tui.ui.login.screen import LoginScreen
from chat_tui.ui.messages import GoRequested, LogInRequested

ONLY_THIS_SERVER: Final = (
    "Links to other servers can't be followed from here. Copy it, and open it with chat-tui."
)
_READING_TIME: Final = 20  # seconds: time to compare a long fingerprint with another one
_CONNECTION: Final = "connection"  # the group of the controller's worker


class AuthFlow(App[None]):
    """The part of the app that leads from the log-in form to a session."""

    def __init__(
        self,
        settings: Settings,
        *,
        invitation: Invitation | None,
        path: Path | None,
        folder: Paths,
        make_client: MakeClient,
        premises: Premises,
        connection_keys: ConnectionKeys,
    ) -> None:
        super().__init__()
        self.connection_keys = connection_keys
        self.premises: Final = premises
        self.page: Page | None = None
        self.controller = Controller(self, folder, make_client)
        self.state = self.controller.state
        self._settings = settings
        self._path = path
        self._invitation = invitation
        self._folder = folder
        self._login: LoginScreen | None = None
        self._has_warned = False  # of settings that cannot be saved

    def on_mount(self) -> None:
        self._login = self._form()
        self.push_screen(self._login)
        if self.connection_keys.logs_in:
            self._login.call_after_refresh(self._login.log_in_by_key)
        else:
            self._resume_stored()

    def on_unmount(self) -> None:
        self.controller.close()

    # --- the form

    def _form(self, note: str = "") -> LoginScreen:
        settings = self._settings
        was_guest = bool(self.state.guest_until)
        return LoginScreen(
            settings.server,
            "" if was_guest else settings.name,
            note,
            invitation=self._invitation,
            premises=self.premises,
            keys=settings.keys,
        )

    def _show_form(self, note: str) -> None:
        while len(self.screen_stack) > 2:
            self.pop_screen()
        self._login = self._form(note)
        self.switch_screen(self._login)

    @work
    async def _resume_stored(self) -> None:
        """Resume a stored session, if there is one for the server and name in the form."""
        address = self._invitation.address if self._invitation else _address(self._settings.server)
        if address is None:
            return
        form = self._login
        kept = await self.controller.find_session(address, self._settings.name)
        # A keyring may take minutes to answer: the form may be another one by then.
        if kept is not None and form is not None and form is self._login:
            form.resume(kept)

    @on(LogInRequested)
    def log_in(self, event: LogInRequested) -> None:
        self._connect(Attempt(event.to, event.request, event.keep))

    def _connect(self, attempt: Attempt) -> None:
        if not self.premises.chooses_server:
            # Whatever led here, this is the only server: elsewhere may be a network of others.
            assert self._invitation is not None
            to = replace(attempt.to, address=self._invitation.address, alts=())
            attempt = replace(attempt, to=to)
        self.run_worker(self.controller.run(attempt), group=_CONNECTION, exclusive=True)

    @on(GoRequested)
    def go(self, event: GoRequested) -> None:
        """Disconnect, and follow an invitation to another server."""
        if not self.premises.chooses_server:
            self.warn(ONLY_THIS_SERVER)
            return
        self.controller.report_last()
        self.workers.cancel_group(self, _CONNECTION)
        self._invitation = event.to
        self._show_form("")
        self._resume_stored()

    # --- for the controller

    def show_changes(
        self, changes: Sequence[Change], items: Sequence[Answer | m.Event] = ()
    ) -> None:
        """Show `changes` in the chat; the app implements this."""
        raise NotImplementedError

    def start(self, coroutine: Coroutine[object, object, None]) -> None:
        """Run `coroutine`; the app implements this."""
        raise NotImplementedError

    def show_event(self, event: ConnectionEvent) -> None:
        """Show an event of the log-in."""
        match event:
            case Greeted(registration) if self._login is not None and self._login.is_current:
                self._login.greeted(registration)
            case LogInFailed() if self._login is not None:
                self._login.failed(event)
            case TrustNotSaved(sentence):
                self.warn(sentence)
            case TrustNeeded():
                self._ask_to_trust(event)
            case SessionEnded(sentence):
                if self._invitation is not None and not self.state.guest_until:
                    self._invitation = replace(self._invitation, code="", guest=False)
                self._show_form(sentence)

    def warn(self, sentence: str) -> None:
        self.notify(clean(sentence), severity="warning", timeout=_READING_TIME, markup=False)

    @work
    async def _ask_to_trust(self, event: TrustNeeded) -> None:
        """Connect again if the server is trusted as it is; the form waits meanwhile."""
        is_trusted = await self.push_screen_wait(self._trust_dialog(event))
        if is_trusted and self.controller.attempt is not None and self._trust(event):
            self._connect(self.controller.next_attempt())
        elif self._login is not None:
            self._login.failed(LogInFailed("", event.sentence))

    def _trust_dialog(self, event: TrustNeeded) -> Screen[bool]:
        from chat_tui.ui.dialogs.changed_fingerprint import ChangedFingerprint
        from chat_tui.ui.dialogs.first_connection import FirstConnection

        address, mismatch, file = event.address, event.mismatch, self._folder.known.path
        if not mismatch.known:
            return FirstConnection(address, mismatch.shown, file)
        return ChangedFingerprint(address, mismatch, file)

    def _trust(self, event: TrustNeeded) -> bool:
        """Remember the server as it is; return whether it can be connected to now."""
        try:
            self.controller.trust(event.address, event.mismatch.shown)
        except UnusableFile as exc:
            self.warn(str(exc))
            # What this run has seen holds, unless the file says something else.
            return not event.mismatch.known
        return True

    # --- remembering

    def _remember_account(self, event: LoggedIn) -> None:
        """Offer this server and name at the next start."""
        if event.again or self.controller.attempt is None:
            return
        to = self.controller.attempt.to
        server = self._settings.server if to.local else str(event.place.address)
        # The name of a guest who is not to come back is of no use, and another one may be.
        is_known = not self.state.guest_until or self.controller.keeps_session
        name = self.state.account if is_known else self._settings.name
        settings = self._settings.remember(server, name)
        # Both are written even if they have not changed: another client may have written them.
        self._remember(settings, since=replace(self._settings, server="", name=""))
        # If the form is shown again, it is for this server, without the room. A guest can use the
        # link again, but not the name.
        code = to.code if to.guest else ""
        self._invitation = replace(to, room="", password="", code=code)

    def _remember(self, settings: Settings, since: Settings | None = None) -> None:
        """Save what has changed `since`, for the next start; a full disk must not end the chat."""
        since, self._settings = since or self._settings, settings
        if self._path is None:
            return
        try:
            stored.save(settings, self._path, since)
        except BadSettings as exc:
            self._warn_of_settings(str(exc))
        except OSError as exc:
            self._warn_of_settings(f"Can't write {self._path}: {exc.strerror}.")

    def _warn_of_settings(self, sentence: str) -> None:
        """Say once that choices last only until the end."""
        if not self._has_warned:
            self._has_warned = True
            self.warn(f"Your settings can't be saved. {sentence}")


def _address(text: str) -> Address | None:
    try:
        return read_address(text)
    except BadAddress:
        return None
