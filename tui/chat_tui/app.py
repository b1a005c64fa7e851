"""The full-screen client: shows the chat, its theme and its commands. Decides nothing itself."""

import os
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from textual import work
from textual.app import SystemCommand
from textual.binding import BindingType
from textual.filter import LineFilter, Monochrome, NoColor
from textual.screen import Screen

from chat_shared import messages as m
from chat_tui.commands.keys import KEYS, key_shown
from chat_tui.controller.controller import MakeClient
from chat_tui.controller.transfers import Transfers
from chat_tui.model.address import Invitation
from chat_tui.model.changes import Change
from chat_tui.model.connection_keys import NO_KEYS, ConnectionKeys
from chat_tui.model.outbox import FileToSend, PageFile, Status
from chat_tui.model.premises import LOG_IN_TO_SEND, OWN_COMPUTER, Premises
from chat_tui.net.client import clients_of
from chat_tui.net.events import (
    Answer,
    Connecting,
    ConnectionEvent,
    ConnectionLost,
    LatencyMeasured,
    LoggedIn,
)
from chat_tui.storage.paths import Paths
from chat_tui.storage.settings import Settings
from chat_tui.terminal.pictures.cells import cell_size
from chat_tui.terminal.pictures.decoding import PictureDecoder
from chat_tui.terminal.pictures.drawer import Drawer
from chat_tui.terminal.pictures.ways import Choice, chooser
from chat_tui.terminal.steady_emoji import SteadyEmoji, is_needed
from chat_tui.terminal.textual_internals import ClientApp, patch_textual
from chat_tui.themes import DARK, themes_for
from chat_tui.ui.bindings import bindings
from chat_tui.ui.key_order import KeyOrder
from chat_tui.ui.reports import Reports
from chat_tui.ui.settings_flow import SettingsFlow
from chat_tui.ui.toasts import Toasts

if TYPE_CHECKING:
    from rich.console import RenderableType

    from chat_tui.ui.chat.screen import ChatScreen


_SCREEN: Final = 2  # the standard stream that Textual draws on
_EXPLAINED: Final = 5.0  # seconds: time to read one sentence


class ChatApp(SettingsFlow, KeyOrder, Toasts, Reports, ClientApp):
    """The full-screen client."""

    TITLE = "Trialogue"
    CSS_PATH = "chat.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("help", "palette", "suspend", "quit", "line.retry")
    ]

    def __init__(
        self,
        settings: Settings,
        *,
        invitation: Invitation | None = None,
        path: Path | None = None,
        folder: Paths | None = None,
        make_client: MakeClient | None = None,
        premises: Premises = OWN_COMPUTER,
        connection_keys: ConnectionKeys = NO_KEYS,
        entered: Callable[[str], object] | None = None,
        images: Choice = "auto",
        decoder: PictureDecoder | None = None,
    ) -> None:
        """Remember choices in `path` and the rest in `folder`; without them, remember nothing.

        Pictures are drawn in the way of `images`, and decoded in turns with other apps that have
        the same `decoder`.

        `entered` is called with the account's name after each log-in, and with "" at its end.
        """
        patch_textual()
        folder = folder or Paths()
        super().__init__(
            settings,
            invitation=invitation,
            path=path,
            folder=folder,
            make_client=make_client
            or clients_of(folder, settings.device, follows=premises.chooses_server),
            premises=premises,
            connection_keys=connection_keys,
        )
        if not premises.animates:
            self.animation_level = "none"
        self._entered = entered
        choose = chooser(images, os.environ, self.console.color_system)
        self.drawer = Drawer(choose, partial(cell_size, _SCREEN), decoder)
        self._steady_emoji = SteadyEmoji() if is_needed(os.environ) else None
        self._quit_question: object = None
        self._quit_explained_to = 0.0  # until when a toast says how to quit
        self._early: list[Change] = []  # from before there was a chat to show them in
        for theme in themes_for(self.console.color_system, no_color=self.no_color):
            self.register_theme(theme)
        self.theme = settings.theme if settings.theme in self.available_themes else DARK.name
        self.set_keymap(dict(settings.keys))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return Textual's filters, with the one for `NO_COLOR` that fits the current theme.

        In tmux and screen, emoji are drawn by one of our own.
        Textual chooses before there is a theme, and makes the terminal's own colors black on black.
        """
        without = NoColor() if self.native_ansi_color else Monochrome()
        filters = super().get_line_filters()
        filters = [without if isinstance(each, (NoColor, Monochrome)) else each for each in filters]
        return [*filters, self._steady_emoji] if self._steady_emoji is not None else filters

    # --- for the controller

    def show_changes(
        self, changes: Sequence[Change], items: Sequence[Answer | m.Event] = ()
    ) -> None:
        """Draw what changed; without a chat, once there is one."""
        if self._chat is None:
            self._early += changes
        else:
            self._chat.show(changes)

    def start(self, coroutine: Coroutine[object, object, None]) -> None:
        """Run `coroutine` to its end, or that of the app, whatever is on the screen."""
        self.run_worker(coroutine)

    def show_event(self, event: ConnectionEvent) -> None:
        """Show what happened to the connection; the log-in is shown by AuthFlow."""
        match event:
            case LoggedIn():
                self.enter_with_settings(event)
            case ConnectionLost(reason, wait, attempt) if self._chat is not None:
                self._chat.connection_lost(reason, wait, attempt)
            case Connecting() if self._chat is not None:
                self._chat.connecting()
            case LatencyMeasured(seconds) if self._chat is not None:
                self._chat.latency(seconds)
            case _:
                super().show_event(event)

    def enter(self, event: LoggedIn) -> None:
        """Show the chat, new or reconnected, and go to the room of a link or an invitation."""
        self._remember_account(event)
        if self._entered is not None and not event.again:
            self._entered(self.state.account)
        ahead = self._login.take_message_typed_ahead() if self._login is not None else ""
        chat = self._chat or self._open_chat(event.place.key, ahead)
        chat.connected(event.place)
        chat.guest_line.returns = self.controller.keeps_session
        early, self._early = self._early, []
        chat.show(early)
        if not event.again and (request := self.controller.join_request()) is not None:
            chat.open_invitation(request)

    def open_room(self, room: str) -> None:
        """Open `room`, if there is a chat; someone who is no member is asked for its password."""
        if self._chat is not None:
            self._chat.open_or_join(room)

    def offer_files(self, files: Sequence[PageFile], caption: str) -> None:
        """Offer to send files that were chosen in the page that shows us, in the open room."""
        if self._chat is None:
            self.notify(LOG_IN_TO_SEND, markup=False)
        else:
            self._chat.controllers.files.offer_chosen(files, caption)

    def draw_anew(self) -> None:
        """Draw everything, as in another terminal, on which nothing is drawn yet."""
        self.ask_terminal()
        self.refresh(layout=True)
        if self._chat is not None:
            self._chat.controllers.notifier.terminal.begin_again()
        self.draw_pictures_anew()

    def draw_pictures_anew(self) -> None:
        if self._chat is not None:
            self._chat.controllers.pictures.begin_again()

    def _open_chat(self, server: str, typed: str) -> "ChatScreen":
        """Return the chat, with what was `typed` on during the log-in as a draft."""
        # Imported late: the log-in form is on screen before the chat is needed.
        from chat_tui.ui.chat.screen import ChatScreen

        chat = self._chat = ChatScreen(self.state, self._settings.keys, self, self.premises)
        self._give_settings(chat, server, typed)
        self.switch_screen(chat)
        self._login = None
        return chat

    def _show_form(self, note: str) -> None:
        if self._entered is not None:
            self._entered("")
        super()._show_form(note)

    # --- for the screens

    async def ask(self, request: m.Request) -> m.Reply | None:
        """Send `request` and return its reply, which the state has by then.

        Returns None if it could not be sent, or the connection was lost before the reply came.
        """
        if isinstance(request, m.Logout):
            self._keep_drafts()
        return await self.controller.ask(request)

    @property
    def transfers(self) -> Transfers:
        return self.controller.transfers

    def post(
        self, room: str, text: str, reply: int = 0, files: tuple[FileToSend, ...] = ()
    ) -> None:
        """Send a message to `room`, in reply to the message `reply` if that is not 0."""
        self.controller.post(room, text, reply, files)

    def action_retry(self) -> None:
        self.controller.client.retry_now()

    def action_help(self, words: str = "") -> None:
        """Show the help, filtered by `words`."""
        from chat_tui.ui.dialogs.help import Help

        if not isinstance(self.screen, Help):
            guest = bool(self.state.guest_until)
            self.push_screen(Help(self._settings.keys, words, self.premises, guest=guest))

    def action_help_quit(self) -> None:
        """Say how to quit: Ctrl+C was pressed, and nothing is selected that it would copy."""
        if time.monotonic() >= self._quit_explained_to:
            self._quit_explained_to = time.monotonic() + _EXPLAINED
            keys = key_shown("quit", self._settings.keys)
            sentence = f"To quit, press {keys}. Ctrl+C copies what is selected."
            self.notify(sentence, timeout=_EXPLAINED, markup=False)

    def action_suspend(self) -> None:
        """Return to the shell; its `fg` continues here."""
        self.action_suspend_process()

    def exit(
        self, result: None = None, return_code: int = 0, message: "RenderableType | None" = None
    ) -> None:
        """End, by a key, a command or a signal."""
        self._keep_drafts()
        self.controller.report_last()
        super().exit(result, return_code, message)

    @work
    async def action_quit(self) -> None:  # type: ignore[override]
        """End, after asking if messages are still unsent."""
        from chat_tui.ui.dialogs.confirm import Confirm

        waiting = self.state.outbox.count(Status.QUEUED, Status.SENDING)
        noun = "message has" if waiting == 1 else "messages have"
        kept = self.controller.unsent.are_kept
        it = "It" if waiting == 1 else "They"
        outcome = f"{it} will be sent after you log in again." if kept else f"{it} would be lost."
        if self.screen is self._quit_question:
            return
        question = f"{waiting:,} {noun} not been sent. {outcome} Quit?"
        self._quit_question = Confirm(question, "Quit")
        if not waiting or await self.push_screen_wait(self._quit_question):
            self.exit()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the key of the palette to a dialog in which it moves through the list."""
        if action == "command_palette" and getattr(self.screen, "moves_by_ctrl_p", False):
            return False
        if action == "suspend" and not self.premises.has_programs:
            return False
        return super().check_action(action, parameters)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Yield what the palette lists: the themes, and what can be done on this screen."""
        yield SystemCommand("Theme", "Change the colors", self.action_change_theme)
        if screen is self._chat and self._chat is not None:
            yield from self._chat.palette_entries()
            return
        for key in KEYS:
            offered = key.group == "Program" and self.premises.offers(key)
            if offered and key.id != "palette":
                run = getattr(screen, f"action_{key.action}", None) or getattr(
                    self, f"action_{key.action}", None
                )
                if run is not None:
                    yield SystemCommand(key.what, key_shown(key.id, self._settings.keys), run)
