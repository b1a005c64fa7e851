"""Stops somebody who was writing in a room that they are not in any more.

Only Enter and Escape do anything: what is typed on, blindly, is to go nowhere.
"""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Label

from chat_shared.text import clean
from chat_tui.screens.dialog import Dialog

_SENTENCE = (
    "You are not in {} any more. What you were writing was said nowhere; it waits there, "
    "for when you are in that room again."
)


class SentOut(Dialog[None]):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "close", show=False)]

    def __init__(self, room: str) -> None:
        super().__init__()
        self._room = room

    def compose(self) -> ComposeResult:
        sentence = clean(_SENTENCE.format(self._room))
        with Vertical(classes="dialog"):
            yield Label(Content(sentence), classes="question", markup=False)
            yield Label(Content("Enter, Escape: go on in general"), classes="keys", markup=False)
