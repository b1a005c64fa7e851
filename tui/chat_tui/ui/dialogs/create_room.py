"""Asks what the new room is called."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Label

from chat_shared import messages as m
from chat_shared.errors import Refused
from chat_shared.names import check_name
from chat_tui.ui.dialogs.dialog import AskingDialog
from chat_tui.ui.widgets.field import Field


class CreateRoom(AskingDialog[m.Created]):
    """Answers with the room that was created, its password in it."""

    def __init__(self) -> None:
        super().__init__()
        self._room = Field("Name", "room", hint="one word, such as kitchen")

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
        self.ask(m.Create(id=m.UNNUMBERED, room=self._room.value))

    def answered(self, reply: m.Reply) -> None:
        if isinstance(reply, m.Created):
            self.dismiss(reply)

    def refused(self, sentence: str, code: str) -> None:
        self._room.problem = sentence
