"""The devices on which the account is logged in, and a way to log one out."""

from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, OptionList
from textual.widgets.option_list import Option

from chat_shared import messages as m
from chat_shared.text import clean_line
from chat_tui.commands.devices import device_name
from chat_tui.markup.times import read_time
from chat_tui.ui.dialogs.dialog import Dialog, button, text

_KEYS: Final = "Enter: log out the selected device · /logout all: log out everywhere"


class Sessions(Dialog[None]):
    """Enter logs the selected device out; Escape closes."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("delete", "revoke", show=False)]

    def __init__(self) -> None:
        super().__init__()
        self._list = OptionList(markup=False, id="devices")
        self._status = text("Loading…", "keys", id="words")
        self._sessions: list[m.SessionInfo] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog wide"):
            yield text("Your devices", "heading")
            yield self._list
            with Horizontal(classes="buttons"):
                yield button("Log out", "revoke")
                yield button("Done", "done", "primary")
            yield self._status

    def on_mount(self) -> None:
        self._list.focus()
        self.start_once(self._load())

    @on(OptionList.OptionSelected)
    @on(Button.Pressed, "#revoke")
    def action_revoke(self) -> None:
        """Log the selected device out, but for this one: /logout also forgets its token."""
        if (selected := self._list.highlighted) is None:
            return
        if self._sessions[selected].current:
            self._say("This is the device you're using. /logout logs it out.")
        else:
            self.start_once(self._revoke(self._sessions[selected]))

    @on(Button.Pressed, "#done")
    def done(self) -> None:
        self.action_close()

    async def _load(self) -> None:
        match await self.ask(m.Sessions(id=m.UNNUMBERED)):
            case m.SessionList(sessions=sessions):
                self._show(sessions)
            case m.Error(message=sentence):
                self._say(sentence)

    async def _revoke(self, session: m.SessionInfo) -> None:
        reply = await self.ask(m.Revoke(id=m.UNNUMBERED, session=session.session))
        if isinstance(reply, m.Error):
            self._say(reply.message)
        else:
            self._say(f"Logged out: {device_name(session)}.")
            await self._load()

    def _show(self, sessions: list[m.SessionInfo]) -> None:
        if not self._sessions:
            self._say(_KEYS)
        self._sessions = sessions
        highlighted = self._list.highlighted or 0
        self._list.clear_options()
        self._list.add_options([Option(_row(session)) for session in sessions])
        self._list.highlighted = min(highlighted, len(sessions) - 1) if sessions else None

    def _say(self, sentence: str) -> None:
        self._status.update(Content(clean_line(sentence)))


def _row(session: m.SessionInfo) -> Content:
    seen = f"last seen {_time(session.seen)}"
    return Content.assemble(
        (device_name(session), "bold"),
        " · ",
        ("this device", "$text-accent") if session.current else seen,
    )


def _time(at: str) -> str:
    return f"{read_time(at).astimezone():%Y-%m-%d %H:%M}"
