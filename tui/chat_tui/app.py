"""The client: its screens, its theme and its link. What it knows is in `state`."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol

from textual import on, work
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen

from chat_shared import messages as m
from chat_tui import settings as stored
from chat_tui.address import Address, Invitation
from chat_tui.changes import Change, OutboxChanged
from chat_tui.keys import KEYS, bindings, shown
from chat_tui.link import Link
from chat_tui.messages import (
    Answer,
    Answered,
    AskRequested,
    Connecting,
    LatencyMeasured,
    LineLost,
    LoggedIn,
    LogInFailed,
    LogInRequested,
    PostRequested,
    Received,
    SentAway,
)
from chat_tui.outbox import Outbox, Status
from chat_tui.screens.login import LoginScreen
from chat_tui.settings import Settings
from chat_tui.state import ChatState
from chat_tui.terminal_keys import patch_keys
from chat_tui.themes import DARK, LIGHT

if TYPE_CHECKING:
    from chat_tui.screens.chat import ChatScreen


class AnyLink(Protocol):
    """What the app needs of a link."""

    @property
    def online(self) -> bool: ...
    async def run(self, address: Address, log_in: m.Login | m.Register) -> None: ...
    def ask(self, request: m.Request) -> bool: ...
    def flush(self) -> None: ...
    def retry_now(self) -> None: ...


MakeLink = Callable[[Callable[[Message], object], Outbox, Callable[[], Mapping[str, int]]], AnyLink]


class ChatApp(App[None]):
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
        make_link: MakeLink = Link,
    ) -> None:
        """Remember in `path` who logged in where; without it, remember nothing."""
        patch_keys()
        super().__init__()
        self._settings = settings
        self._path = path
        self._invitation = invitation
        self.state = ChatState()
        self._link = make_link(self.post_message, self.state.outbox, self.state.seen)
        self._login: LoginScreen | None = None
        self._chat: ChatScreen | None = None
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        self.theme = settings.theme if settings.theme in self.available_themes else DARK.name
        self.set_keymap(dict(settings.keys))

    def on_mount(self) -> None:
        server = str(self._invitation.address) if self._invitation else self._settings.server
        self._show_login(server)
        self.watch(self, "theme", self._remember_theme, init=False)

    # --- logging in

    def _show_login(self, server: str, note: str = "") -> None:
        self._login = LoginScreen(server, self._settings.name, note)
        self.push_screen(self._login)

    @on(LogInRequested)
    def log_in(self, event: LogInRequested) -> None:
        self.run_worker(self._link.run(event.address, event.request), group="link", exclusive=True)

    @on(LogInFailed)
    def say_why_not(self, event: LogInFailed) -> None:
        if self._login is not None:
            self._login.failed(event)

    @on(LoggedIn)
    def enter(self, event: LoggedIn) -> None:
        if self._chat is None:
            self._enter_chat()
        if self._chat is not None:
            self._chat.line_back(str(event.address))
        if not event.again:
            self._remember(self._settings.remember(str(event.address), self.state.account))

    def _enter_chat(self) -> None:
        # Imported late: the log-in form is on screen before the chat is needed.
        from chat_tui.screens.chat import ChatScreen

        self._chat = ChatScreen(self.state, self._settings.keys)
        self.switch_screen(self._chat)
        self._login = None
        invitation, self._invitation = self._invitation, None
        if invitation is not None and invitation.room:
            self._chat.join_by_link(invitation.room, invitation.password)

    @on(SentAway)
    def log_in_again(self, event: SentAway) -> None:
        while len(self.screen_stack) > 2:
            self.pop_screen()
        self._chat = None
        self._login = LoginScreen(self._settings.server, self._settings.name, event.sentence)
        self.switch_screen(self._login)

    # --- what the server said

    @on(Received)
    def take_in(self, event: Received) -> None:
        changes: list[Change] = []
        for item in event.items:
            changes += self._apply(item)
        if self._chat is not None:
            self._chat.show(changes)
        for item in event.items:
            if isinstance(item, Answer):
                self._pass_on(Answered(item.request, item.reply))

    def _apply(self, item: Answer | m.Event) -> list[Change]:
        if isinstance(item, Answer):
            return self.state.answer(item.request, item.reply)
        return self.state.apply(item)

    def _pass_on(self, answered: Answered) -> None:
        for screen in self.screen_stack:
            screen.post_message(Answered(answered.request, answered.reply))

    @on(LineLost)
    def tell_line_lost(self, event: LineLost) -> None:
        if self._chat is not None:
            self._chat.line_lost(event.reason, event.wait, event.attempt)

    @on(Connecting)
    def tell_connecting(self) -> None:
        if self._chat is not None:
            self._chat.connecting()

    @on(LatencyMeasured)
    def tell_latency(self, event: LatencyMeasured) -> None:
        if self._chat is not None:
            self._chat.latency(event.seconds)

    # --- what somebody wants

    @on(AskRequested)
    def ask(self, event: AskRequested) -> None:
        if not self._link.ask(event.request):
            self.state.answer(event.request, None)
            self._pass_on(Answered(event.request, None))

    @on(PostRequested)
    def post(self, event: PostRequested) -> None:
        self.state.outbox.add(event.room, event.text)
        self._link.flush()
        if self._chat is not None:
            self._chat.show([OutboxChanged(event.room)])

    def action_retry(self) -> None:
        self._link.retry_now()

    def action_help(self) -> None:
        from chat_tui.screens.help import Help

        if not isinstance(self.screen, Help):
            self.push_screen(Help(self._settings.keys))

    @work
    async def action_quit(self) -> None:  # type: ignore[override]
        """End, after asking if that would lose something."""
        from chat_tui.screens.confirm import Confirm

        waiting = self.state.outbox.count(Status.QUEUED, Status.SENDING)
        noun = "message is" if waiting == 1 else "messages are"
        question = f"{waiting:,} {noun} not sent yet. Quit all the same?"
        if not waiting or await self.push_screen_wait(Confirm(question, "Quit")):
            self.exit()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette: Textual's own theme chooser, and every key that does something here."""
        yield SystemCommand("Theme", "change the colours", self.action_change_theme)
        for key in KEYS:
            if key.group in ("Rooms", "Program") and key.id != "palette":
                run = getattr(screen, f"action_{key.action}", None) or getattr(
                    self, f"action_{key.action}", None
                )
                if run is not None:
                    yield SystemCommand(key.what.capitalize(), shown(key.keys[0]), run)

    # --- remembering

    def _remember_theme(self, theme: str) -> None:
        self._remember(self._settings.with_theme(theme))

    def _remember(self, settings: Settings) -> None:
        """Keep for the next start; a disk that is full is no reason to stop talking."""
        self._settings = settings
        if self._path is not None:
            with suppress(OSError):
                stored.save(settings, self._path)
