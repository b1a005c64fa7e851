"""The client: its chat, its theme and its link. What it knows is in `state`."""

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import SystemCommand
from textual.binding import BindingType
from textual.filter import LineFilter, Monochrome, NoColor
from textual.screen import Screen

from chat_shared import messages as m
from chat_shared.text import clean
from chat_tui.commands.keys import KEYS, shown
from chat_tui.model.address import Invitation
from chat_tui.model.changes import Change, OutboxChanged
from chat_tui.model.outbox import Status
from chat_tui.net.client import Client
from chat_tui.net.events import (
    Answer,
    Connecting,
    ConnectionLost,
    LatencyMeasured,
    LoggedIn,
    Received,
)
from chat_tui.storage.paths import Paths
from chat_tui.storage.settings import Settings
from chat_tui.terminal.textual_internals import patch_textual
from chat_tui.themes import DARK, themes_for
from chat_tui.ui.bindings import bindings
from chat_tui.ui.key_order import KeyOrder
from chat_tui.ui.login.auth_flow import AuthFlow, MakeClient
from chat_tui.ui.messages import LevelsChosen

if TYPE_CHECKING:
    from rich.console import RenderableType

    from chat_tui.ui.chat.screen import ChatScreen


class ChatApp(AuthFlow, KeyOrder):
    """The full-screen client."""

    TITLE = "Trialogue"
    CSS_PATH = "chat.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("help", "palette", "quit", "line.retry")]

    def __init__(
        self,
        settings: Settings,
        *,
        invitation: Invitation | None = None,
        path: Path | None = None,
        folder: Paths | None = None,
        make_client: MakeClient | None = None,
    ) -> None:
        """Remember choices in `path` and the rest in `folder`; without them, remember nothing."""
        patch_textual()
        folder = folder or Paths()
        super().__init__(
            settings,
            invitation=invitation,
            path=path,
            folder=folder,
            make_client=make_client or partial(Client, known=folder.known),
        )
        self._chat: ChatScreen | None = None
        self._early: list[Change] = []  # what the server said before there was a chat to show it
        self._warned = False
        # Requests whose reply somebody awaits. By identity, and so kept alive.
        self._awaited: dict[int, tuple[m.Request, asyncio.Future[m.Reply | None]]] = {}
        for theme in themes_for(self.console.color_system, no_color=self.no_color):
            self.register_theme(theme)
        self.theme = settings.theme if settings.theme in self.available_themes else DARK.name
        self.set_keymap(dict(settings.keys))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return Textual's filters, with the one for `NO_COLOR` that fits the theme of now.

        Textual chooses before there is a theme, and makes the terminal's own colors black on black.
        """
        without = NoColor() if self.native_ansi_color else Monochrome()
        filters = super().get_line_filters()
        return [without if isinstance(each, (NoColor, Monochrome)) else each for each in filters]

    def on_mount(self) -> None:  # after the one of the entrance: Textual calls both
        self.watch(self, "theme", self._remember_theme, init=False)

    # --- in, and out again

    @on(LoggedIn)
    def enter(self, event: LoggedIn) -> None:
        room, password = "", ""
        if not event.again and self._going is not None:
            room, password = self._going.to.room, self._going.to.password
        self._entered(event)
        if self._chat is None:
            self._enter_chat(event.place.address.key)
        if self._chat is not None:
            self._chat.connected(event.place)
            early, self._early = self._early, []
            self._chat.show(early)
            if room:
                self._chat.join_by_link(room, password)

    def _enter_chat(self, server: str) -> None:
        # Imported late: the log-in form is on screen before the chat is needed.
        from chat_tui.ui.chat.screen import ChatScreen

        settings = self._settings
        self._chat = ChatScreen(self.state, settings.keys, self)
        self._chat.keep_drafts_in(self._folder.drafts(server, self.state.account))
        self._chat.notify_by(settings.notify, settings.notify_rooms.get(server, {}))
        self.switch_screen(self._chat)
        self._login = None

    def _show_form(self, note: str) -> None:
        self._chat = None
        super()._show_form(note)

    # --- what the server said

    @on(Received)
    def take_in(self, event: Received) -> None:
        changes: list[Change] = []
        for item in event.items:
            changes += self._apply(item)
        if self._chat is None:
            self._early += changes
        else:
            self._chat.show(changes)
        for item in event.items:
            if isinstance(item, Answer):
                self._resolve(item.request, item.reply)
                if isinstance(item.request, m.DeleteAccount) and isinstance(item.reply, m.Ok):
                    self._close_outbox(for_good=True)

    def _apply(self, item: Answer | m.Event) -> list[Change]:
        if isinstance(item, Answer):
            return self.state.answer(item.request, item.reply)
        return self.state.apply(item)

    @on(ConnectionLost)
    def tell_line_lost(self, event: ConnectionLost) -> None:
        if self._chat is not None:
            self._chat.connection_lost(event.reason, event.wait, event.attempt)

    @on(Connecting)
    def tell_connecting(self) -> None:
        if self._chat is not None:
            self._chat.connecting()

    @on(LatencyMeasured)
    def tell_latency(self, event: LatencyMeasured) -> None:
        if self._chat is not None:
            self._chat.latency(event.seconds)

    # --- what somebody wants

    async def ask(self, request: m.Request) -> m.Reply | None:
        """Send `request` and return its reply, which the state has taken in by then.

        Returns None where the connection was lost before the reply came.
        """
        reply: asyncio.Future[m.Reply | None] = asyncio.get_running_loop().create_future()
        self._awaited[id(request)] = request, reply
        self._send(request)
        return await reply

    def _send(self, request: m.Request) -> None:
        if isinstance(request, m.Logout):
            self._tell_what_was_read()
        if not self._client.ask(request):
            self.state.answer(request, None)
            self._resolve(request, None)

    def _resolve(self, request: m.Request, reply: m.Reply | None) -> None:
        _, future = self._awaited.pop(id(request), (None, None))
        if future is not None and not future.done():  # as it is where the dialog was closed
            future.set_result(reply)

    def post(self, room: str, text: str, reply: int = 0) -> None:
        """Put a message into the outbox, from where it is sent now or once reconnected."""
        self.state.outbox.add(room, text, reply)
        self._client.flush()
        if self._chat is not None:
            self._chat.show([OutboxChanged(room)])
        self._warn_of_disk()

    def _warn_of_disk(self) -> None:
        """Say once that what waits here would not outlive the program."""
        if self._kept_in is not None and self._kept_in.problem and not self._warned:
            self._warned = True
            self.notify(clean(self._kept_in.problem), severity="warning", markup=False)

    def action_retry(self) -> None:
        self._client.retry_now()

    def action_help(self, words: str = "") -> None:
        """Show the help, narrowed down to `words`."""
        from chat_tui.ui.dialogs.help import Help

        if not isinstance(self.screen, Help):
            self.push_screen(Help(self._settings.keys, words))

    def exit(
        self, result: None = None, return_code: int = 0, message: "RenderableType | None" = None
    ) -> None:
        """End, however that was asked for: by a key, a command or a signal."""
        self._tell_what_was_read()
        super().exit(result, return_code, message)

    @work
    async def action_quit(self) -> None:  # type: ignore[override]
        """End, after asking if that would lose something."""
        from chat_tui.ui.dialogs.confirm import Confirm

        waiting = self.state.outbox.count(Status.QUEUED, Status.SENDING)
        noun = "message is" if waiting == 1 else "messages are"
        kept = self._kept_in is not None and not self._kept_in.problem
        outcome = "After the next log-in that is made up for." if kept else "That would be lost."
        question = f"{waiting:,} {noun} not sent yet. {outcome} Quit?"
        if not waiting or await self.push_screen_wait(Confirm(question, "Quit")):
            self.exit()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Yield what the palette lists: the themes, and what can be done on this screen."""
        yield SystemCommand("Theme", "Change the colours", self.action_change_theme)
        if screen is self._chat and self._chat is not None:
            yield from self._chat.palette_entries()
            return
        for key in KEYS:
            if key.group in ("Account", "Program") and key.id != "palette":
                run = getattr(screen, f"action_{key.action}", None) or getattr(
                    self, f"action_{key.action}", None
                )
                if run is not None:
                    yield SystemCommand(key.what, shown(key.keys[0]), run)

    @on(LevelsChosen)
    def remember_levels(self, event: LevelsChosen) -> None:
        server, _ = self._kept_for
        self._remember(self._settings.with_levels(server, event.levels))

    def _remember_theme(self, theme: str) -> None:
        self._remember(self._settings.with_theme(theme))
