"""Says what deleting a room means, and has its name typed."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Label

from chat_shared import messages as m
from chat_shared.names import fold
from chat_shared.text import clean_line
from chat_tui.ui.dialogs.dialog import AskingDialog
from chat_tui.ui.widgets.field import Field

_MEANING = (
    "Everybody is out of it, and all that was said in it is gone. This cannot be taken back. "
    "/hand-over NAME lets somebody else own it instead."
)


class DeleteRoom(AskingDialog[None]):
    """Asks the server only once the name is right."""

    def __init__(self, room: str) -> None:
        super().__init__()
        self._room = room
        self._typed = Field("Its name, to go through with it", "room")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label(
                Content(f"Delete the room {clean_line(self._room)}"),
                classes="heading",
                markup=False,
            )
            yield Label(Content(_MEANING), classes="why", markup=False)
            yield self._typed
            with Horizontal(classes="buttons"):
                yield Button(Content("Keep it"), id="cancel", variant="primary", compact=True)
                yield Button(Content("Delete for good"), id="submit", compact=True)

    def on_mount(self) -> None:
        self._typed.take_focus()

    @on(Input.Changed)
    def forget_problem(self) -> None:
        self._typed.problem = ""

    @on(Button.Pressed, "#submit")
    @on(Input.Submitted)
    def submit(self) -> None:
        if fold(self._typed.value.strip()) == fold(self._room):
            self.ask(m.DeleteRoom(id=m.UNNUMBERED, room=self._room))
        else:
            self._typed.problem = f"That is not its name: {self._room}"
            self._typed.take_focus()

    def answered(self, reply: m.Reply) -> None:
        self.dismiss(None)

    def refused(self, sentence: str, code: str) -> None:
        self._typed.problem = sentence
        self._typed.take_focus()
