"""Says what deleting an account means, and asks for its password."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Label

from chat_shared import messages as m
from chat_shared.text import clean_line
from chat_tui.ui.dialogs.dialog import AskingDialog
from chat_tui.ui.widgets.field import Field

_MEANING = (
    "You leave all rooms and are logged out everywhere. What you said stays, under your name, and "
    "nobody else gets that name. Rooms of yours go to whoever has been in them longest. "
    "This cannot be taken back."
)


class DeleteAccount(AskingDialog[None]):
    """Closes by itself: whoever has no account any more is sent to the log-in."""

    def __init__(self, account: str) -> None:
        super().__init__()
        self._account = clean_line(account)
        self._password = Field("Your password, to go through with it", "password", secret=True)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label(
                Content(f"Delete the account {self._account}"), classes="heading", markup=False
            )
            yield Label(Content(_MEANING), classes="why", markup=False)
            yield self._password
            with Horizontal(classes="buttons"):
                yield Button(Content("Keep it"), id="cancel", variant="primary", compact=True)
                yield Button(Content("Delete for good"), id="submit", compact=True)

    def on_mount(self) -> None:
        self._password.take_focus()

    @on(Input.Changed)
    def forget_problem(self) -> None:
        self._password.problem = ""

    @on(Input.Submitted)
    def go_to_buttons(self) -> None:
        """Enter alone deletes nothing: the button has to be chosen."""
        self.query_one("#cancel").focus()

    @on(Button.Pressed, "#submit")
    def submit(self) -> None:
        if not self._password.value:
            self._password.take_focus()
            return
        self.ask(m.DeleteAccount(id=m.UNNUMBERED, password=self._password.value))

    def answered(self, reply: m.Reply) -> None:
        """Wait: the app closes this when it shows the log-in."""

    def refused(self, sentence: str, code: str) -> None:
        self._password.problem = sentence
        self._password.take_focus()
