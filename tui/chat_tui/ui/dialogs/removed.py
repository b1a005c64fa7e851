"""Interrupts a person who was removed from a room while they were writing in it."""

from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button

from chat_shared.text import clean
from chat_tui.ui.dialogs.dialog import button, text
from chat_tui.ui.dialogs.interruption import Interruption

_DRAFT: Final = "Your draft is kept in case you rejoin."


class RemovedFromRoom(Interruption[None]):
    """Says which room it was, who removed us and why."""

    def __init__(self, sentence: str, *, has_draft: bool) -> None:
        super().__init__()
        self._sentence = f"{sentence} {_DRAFT}" if has_draft else sentence

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield text(clean(self._sentence), "question")
            with Horizontal(classes="buttons"):
                yield button("Continue in general", "continue", "primary")
            yield text("Enter or Esc: continue", "keys")

    def on_mount(self) -> None:
        self.query_one("#continue").focus()

    @on(Button.Pressed, "#continue")
    def go_on(self) -> None:
        self.action_close()
