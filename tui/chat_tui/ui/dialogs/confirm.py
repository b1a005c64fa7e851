"""Asks once before something that cannot be taken back.

Whoever types on, and has not seen that they are asked, confirms nothing: after a
letter that is no answer, neither a y nor Enter is one.
"""

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Label

from chat_shared.text import clean
from chat_tui.ui.dialogs.dialog import Dialog


class Confirm(Dialog[bool]):
    """Answers True for yes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "agree", show=False),
        Binding("n", "close", show=False),
    ]

    def __init__(self, question: str, yes: str) -> None:
        super().__init__()
        self._question = clean(question)
        self._yes = yes
        self._is_typed_on = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label(Content(self._question), classes="question", markup=False)
            with Horizontal(classes="buttons"):
                yield Button(Content(self._yes), id="yes", variant="primary", compact=True)
                yield Button(Content("Cancel"), id="no", compact=True)
            yield Label(Content("Enter or y: yes · Escape or n: no"), classes="keys", markup=False)

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character not in ("y", "n"):
            self._is_typed_on = True
            self.query_one("#no").focus()

    def action_agree(self) -> None:
        if not self._is_typed_on:
            self.dismiss(True)

    @on(Button.Pressed, "#yes")
    def yes(self) -> None:
        self.dismiss(True)

    @on(Button.Pressed, "#no")
    def no(self) -> None:
        self.action_close()
