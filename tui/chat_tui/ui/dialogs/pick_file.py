"""Asks which file of a message is meant, or which link where both can be opened."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from chat_shared.text import clean_line
from chat_tui.ui.dialogs.dialog import Dialog, text


class PickFile(Dialog[int]):
    """Returns the place of the chosen one in the list."""

    def __init__(self, question: str, choices: Sequence[str], verb: str) -> None:
        """`verb` is what Enter does."""
        super().__init__()
        self._question = question
        self._choices = choices
        self._verb = verb

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog choice"):
            yield text(self._question, "heading")
            yield OptionList(
                *(Option(Content(clean_line(choice))) for choice in self._choices),
                markup=False,
                compact=True,
            )
            yield text(f"Enter: {self._verb} · Esc: cancel", "keys")

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_index)
