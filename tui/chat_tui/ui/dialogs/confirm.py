"""Asks for confirmation before something that can't be undone.

A person who types on without having seen the question answers nothing: behind any other
letter, y and n are letters too, and Enter means no. Otherwise the n of a word would close
the question, and the rest of the line would end up in the room.
"""

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button

from chat_shared.text import clean
from chat_tui.ui.dialogs.dialog import Dialog, button, text


class Confirm(Dialog[bool]):
    """Returns True for yes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "agree", show=False),
        Binding("n", "refuse", show=False),
    ]

    def __init__(self, question: str, yes: str, *, destroys: bool = False) -> None:
        """`yes` labels the button, in red if it `destroys` something."""
        super().__init__()
        self._question = clean(question)
        self._yes = yes
        self._destroys = destroys
        self._is_typed_on = False
        self.set_class(destroys, "-destroys")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield text(self._question, "question")
            with Horizontal(classes="buttons"):
                yield button(self._yes, "yes", "error" if self._destroys else "primary")
                yield button("Cancel", "no")
            yield text("Enter or y: yes · Esc or n: no", "keys")

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character not in ("y", "n"):
            self._is_typed_on = True
            self.query_one("#no").focus()

    def action_agree(self) -> None:
        if not self._is_typed_on:
            self.dismiss(True)

    def action_refuse(self) -> None:
        if not self._is_typed_on:
            self.action_close()

    @on(Button.Pressed, "#yes")
    def yes(self) -> None:
        self.dismiss(True)

    @on(Button.Pressed, "#no")
    def no(self) -> None:
        self.action_close()
