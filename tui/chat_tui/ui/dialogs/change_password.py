"""Asks for the old password and, twice, for the new one."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Label

from chat_shared import messages as m
from chat_shared.errors import Code, Refused
from chat_shared.names import check_password
from chat_tui.ui.dialogs.dialog import AskingDialog
from chat_tui.ui.widgets.field import Field


class ChangePassword(AskingDialog[bool]):
    """Answers True when the password is another one."""

    def __init__(self) -> None:
        super().__init__()
        self._old = Field("Password until now", "old", secret=True)
        self._new = Field("New password", "new", secret=True)
        self._repeat = Field("Again", "again", secret=True, hint="the same password")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label(Content("Change your password"), classes="heading", markup=False)
            yield from self._fields()
            with Horizontal(classes="buttons"):
                yield Button(Content("Change"), id="submit", variant="primary", compact=True)
                yield Button(Content("Cancel"), id="cancel", compact=True)
            words = "All your other devices are logged out. This one stays."
            yield Label(Content(words), classes="keys", markup=False)

    def on_mount(self) -> None:
        self._old.take_focus()

    @on(Input.Changed)
    def forget_problems(self) -> None:
        for field in self._fields():
            field.problem = ""

    @on(Button.Pressed, "#submit")
    @on(Input.Submitted)
    def submit(self) -> None:
        """Go to the first field that is empty or wrong, or ask the server."""
        for field in self._fields():
            if not field.value:
                field.take_focus()
                return
        try:
            check_password(self._new.value)
        except Refused as refusal:
            self._say_at(self._new, refusal.message)
            return
        if self._repeat.value != self._new.value:
            self._say_at(self._repeat, "The two passwords are not the same.")
            return
        self.ask(m.Password(id=m.UNNUMBERED, old=self._old.value, new=self._new.value))

    def answered(self, reply: m.Reply) -> None:
        self.dismiss(True)

    def refused(self, sentence: str, code: str) -> None:
        self._say_at(self._new if code == Code.WEAK_PASSWORD else self._old, sentence)

    def _say_at(self, field: Field, sentence: str) -> None:
        field.problem = sentence
        field.take_focus()

    def _fields(self) -> tuple[Field, ...]:
        return self._old, self._new, self._repeat
