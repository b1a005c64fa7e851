"""Asks what the new room is called."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Label

from chat_shared import messages as m
from chat_shared.errors import Refused
from chat_shared.names import check_name
from chat_tui.messages import Answered, AskRequested
from chat_tui.screens.dialog import Dialog
from chat_tui.slash import UNNUMBERED
from chat_tui.widgets.field import Field

OFFLINE = "The server is out of reach. Try again when the line is back."


class CreateRoom(Dialog[m.Created]):
    """Answers with the room that was created, its password in it."""

    def __init__(self) -> None:
        super().__init__()
        self._room = Field("Name", "room", hint="one word, such as kitchen")
        self._asked: m.Request | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label(Content("Create a room"), classes="heading", markup=False)
            yield self._room
            with Horizontal(classes="buttons"):
                yield Button(Content("Create"), id="submit", variant="primary", compact=True)
                yield Button(Content("Cancel"), id="cancel", compact=True)
            yield Label(
                Content("People enter it with a password that is made for it."),
                classes="keys",
                markup=False,
            )

    @on(Input.Changed)
    def forget_problem(self) -> None:
        self._room.problem = ""

    @on(Button.Pressed, "#submit")
    @on(Input.Submitted)
    def submit(self) -> None:
        if not self._room.value:
            return
        try:
            check_name(self._room.value)
        except Refused as refusal:
            self._room.problem = refusal.message
            return
        self._asked = m.Create(id=UNNUMBERED, room=self._room.value)
        self.post_message(AskRequested(self._asked))

    @on(Button.Pressed, "#cancel")
    def cancel(self) -> None:
        self.action_close()

    def on_answered(self, event: Answered) -> None:
        if event.request is not self._asked:
            return
        match event.reply:
            case m.Created():
                self.dismiss(event.reply)
            case m.Error():
                self._room.problem = event.reply.message
            case _:
                self._room.problem = OFFLINE
