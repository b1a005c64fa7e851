"""Stops somebody who was writing in a room that they are not in any more.

Only Enter and Escape do anything: what is typed on, blindly, is to go nowhere.
"""

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Label

from chat_shared.text import clean
from chat_tui.ui.dialogs.dialog import Dialog

_WAITS: Final = " What you were writing was said nowhere. It waits for when you are there again."


class RemovedFromRoom(Dialog[None]):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "close", show=False)]

    def __init__(self, sentence: str) -> None:
        """`sentence` says which room, and who ended it and why."""
        super().__init__()
        self._sentence = sentence

    def compose(self) -> ComposeResult:
        sentence = clean(self._sentence + _WAITS)
        with Vertical(classes="dialog"):
            yield Label(Content(sentence), classes="question", markup=False)
            yield Label(Content("Enter, Escape: go on in general"), classes="keys", markup=False)
