"""Interrupts a person who was removed from a room while they were writing in it.

Only Enter and Escape do anything: keys typed without looking must have no effect.
"""

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from chat_shared.text import clean
from chat_tui.ui.dialogs.dialog import Dialog, text

_DRAFT: Final = "Your draft is kept in case you rejoin."


class RemovedFromRoom(Dialog[None]):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "close", show=False)]

    def __init__(self, sentence: str) -> None:
        """`sentence` says which room, who removed us and why."""
        super().__init__()
        self._sentence = sentence

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield text(clean(f"{self._sentence} {_DRAFT}"), "question")
            yield text("Enter or Esc: continue in general", "keys")
