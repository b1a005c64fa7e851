"""What is remembered of what people choose and type: on this computer, or by the server.

Where nothing may be kept on the computer, the chat is shown once the server's part is loaded.
"""

from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on, work

from chat_tui.controller.account_settings import THEME, AccountSettings
from chat_tui.net.events import LoggedIn
from chat_tui.ui.login.auth_flow import AuthFlow
from chat_tui.ui.messages import LevelsChosen

if TYPE_CHECKING:
    from chat_tui.ui.chat.screen import ChatScreen


class SettingsFlow(AuthFlow):
    """The part of the app that remembers theme, notification levels and drafts."""

    _chat: "ChatScreen | None" = None
    _account_settings: AccountSettings | None = None  # where the server keeps them

    def on_mount(self) -> None:  # after AuthFlow's: Textual calls both
        self.watch(self, "theme", self._remember_theme, init=False)
        self.controller.preferences.changed = self._renew_settings

    def enter(self, event: LoggedIn) -> None:
        """Show the chat; the app implements this."""
        raise NotImplementedError

    def enter_with_settings(self, event: LoggedIn) -> None:
        """Show the chat, with the settings and drafts that the server keeps, where it does.

        If that keeps none, they last as long as this client.
        """
        preferences = self.controller.preferences
        if self.premises.keeps_settings:
            self.enter(event)
        elif self._chat is not None:
            preferences.load()
            self.enter(event)
        else:
            preferences.begin()  # at once: what is unsent may be another account's
            preferences.load()
            self._enter_once_loaded(replace(event, again=False))

    @work(exclusive=True, group="entering")
    async def _enter_once_loaded(self, event: LoggedIn) -> None:
        preferences = self.controller.preferences
        await preferences.wait_loaded()
        if self.controller.client.online:  # else the next connection leads here
            self._account_settings = AccountSettings(preferences)
            self._use_theme()
            self.enter(event)

    def _give_settings(self, chat: "ChatScreen", server: str, typed: str) -> None:
        """Give a new chat its drafts, to which `typed` is added, and the notification levels."""
        settings, account = self._settings, self._account_settings
        if account is not None:
            chat.keep_drafts_in(account.drafts, typed)
            chat.notify_by(settings.notify, account.levels())
            return
        drafts = self._folder.drafts(server, self.state.account)
        chat.keep_drafts_in(drafts, typed)
        if drafts.problem:
            self.warn(drafts.problem)
        chat.notify_by(settings.notify, settings.notify_rooms.get(server, {}))

    def _show_form(self, note: str) -> None:
        self._chat = self._account_settings = None
        super()._show_form(note)

    def _keep_drafts(self) -> None:
        """Keep what is being typed now, as the connection is about to end."""
        if self._chat is not None:
            self._chat.keep_drafts()

    @on(LevelsChosen)
    def remember_levels(self, event: LevelsChosen) -> None:
        if self._account_settings is not None:
            self._account_settings.remember_levels(event.levels)
        elif self.controller.attempt is not None:
            self._remember(self._settings.with_levels(self.controller.server, event.levels))

    def _remember_theme(self, theme: str) -> None:
        if self._account_settings is not None:
            self._account_settings.remember_theme(theme)
        else:
            self._remember(self._settings.with_theme(theme))

    def _renew_settings(self, names: AbstractSet[str]) -> None:
        """Show what another device changed of what the server keeps."""
        if (account := self._account_settings) is None:
            return
        if THEME in names:
            self._use_theme()
        if self._chat is not None:
            self._chat.renew_drafts(account.drafts.renew(names))
            self._chat.notify_by(self._settings.notify, account.levels())

    def _use_theme(self) -> None:
        """Use the theme that was chosen on any device, if this terminal can show it."""
        if (account := self._account_settings) and account.theme in self.available_themes:
            self.theme = account.theme
