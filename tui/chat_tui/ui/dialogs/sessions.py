"""The devices that one is logged in on, and a way to log one of them out."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Label, OptionList
from textual.widgets.option_list import Option

from chat_shared import messages as m
from chat_shared.text import clean_line
from chat_tui.ui.dialogs.dialog import AskingDialog

_MINUTES = 16  # characters of an RFC 3339 time, up to the minute


class Sessions(AskingDialog[None]):
    """Enter logs the chosen device out; Escape closes."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("delete", "revoke", show=False)]

    def __init__(self) -> None:
        super().__init__()
        self._list = OptionList(markup=False, id="devices")
        self._words = Label(Content("Asking…"), id="words", classes="keys", markup=False)
        self._sessions: list[m.SessionInfo] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog wide"):
            yield Label(Content("Where you are logged in"), classes="heading", markup=False)
            yield self._list
            with Horizontal(classes="buttons"):
                yield Button(Content("Log it out"), id="revoke", compact=True)
                yield Button(Content("Done"), id="done", variant="primary", compact=True)
            yield self._words

    def on_mount(self) -> None:
        self._list.focus()
        self.ask(m.Sessions(id=m.UNNUMBERED))

    @on(OptionList.OptionSelected)
    @on(Button.Pressed, "#revoke")
    def action_revoke(self) -> None:
        """Log the chosen device out. This one leaves by /logout, and takes its leave properly."""
        if (chosen := self._list.highlighted) is None:
            return
        if self._sessions[chosen].current:
            self._say("This is the device you are using: /logout logs it out.")
        else:
            self.ask(m.Revoke(id=m.UNNUMBERED, session=self._sessions[chosen].session))

    @on(Button.Pressed, "#done")
    def done(self) -> None:
        self.action_close()

    def answered(self, reply: m.Reply) -> None:
        match reply:
            case m.SessionList(sessions=sessions):
                self._show(sessions)
            case m.Ok():
                self._say("It is logged out.")
                self.ask(m.Sessions(id=m.UNNUMBERED))

    def refused(self, sentence: str, code: str) -> None:
        self._say(sentence)

    def _show(self, sessions: list[m.SessionInfo]) -> None:
        if not self._sessions:
            self._say("Enter logs the chosen device out · /logout all logs out everywhere")
        self._sessions = sessions
        highlighted = self._list.highlighted or 0
        self._list.clear_options()
        self._list.add_options([Option(_row(session)) for session in sessions])
        self._list.highlighted = min(highlighted, len(sessions) - 1) if sessions else None

    def _say(self, sentence: str) -> None:
        self._words.update(Content(clean_line(sentence)))


def _row(session: m.SessionInfo) -> Content:
    since, seen = _time(session.created), _time(session.seen)
    here = ("  this device", "$text-accent") if session.current else ""
    return Content.assemble(
        (clean_line(session.session), "bold"), f"  since {since} · last seen {seen} UTC", here
    )


def _time(text: str) -> str:
    return clean_line(text[:_MINUTES].replace("T", " "))
