"""Asks for confirmation before something that can't be undone.

A person who types on without having seen the question answers nothing: y and n count only
alone, with no letter before or soon after them, and behind a word Enter means no. Otherwise
the y of "you" would answer, and the rest of the line would end up in the room.
"""

from typing import Final

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widgets import Button

from chat_shared.text import clean
from chat_tui.ui.dialogs.dialog import Dialog, button, text
from chat_tui.ui.log.lone_letters import ALONE

_BUTTONS: Final = {"y": "#yes", "n": "#no"}


class Confirm(Dialog[bool]):
    """Returns True for yes."""

    def __init__(self, question: str, yes: str, *, destroys: bool = False) -> None:
        """`yes` labels the button, in red if it `destroys` something."""
        super().__init__()
        self._question = clean(question)
        self._yes = yes
        self._destroys = destroys
        self._is_typed = False
        self._answering: Timer | None = None
        self.set_class(destroys, "-destroys")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield text(self._question, "question")
            with Horizontal(classes="buttons"):
                yield button(self._yes, "yes", "error" if self._destroys else "primary")
                yield button("Cancel", "no")
            yield text("Enter or y: yes · Esc or n: no", "keys")

    def on_key(self, event: events.Key) -> None:
        if not event.is_printable:
            return
        button = None if self._is_typed else _BUTTONS.get(event.character or "")
        self._is_typed = True
        if button is not None:
            self._answer(self.query_one(button, Button))
        else:
            self._type_on()

    def _answer(self, button: Button) -> None:
        """Press `button` soon, unless the letter that means it begins a word."""
        button.focus()  # for an Enter that comes sooner
        self._answering = self.set_timer(ALONE, button.press)

    def _type_on(self) -> None:
        """Take what is typed for a text: Enter after it means no."""
        if self._answering is not None:
            self._answering.stop()
        self.query_one("#no").focus()

    @on(Button.Pressed, "#yes")
    def yes(self) -> None:
        self.dismiss(True)

    @on(Button.Pressed, "#no")
    def no(self) -> None:
        self.action_close()
