"""Asks which of several links to open. Each is shown in full: that is where it leads."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from chat_shared.text import clean_line
from chat_tui.ui.dialogs.dialog import Dialog, text


class PickLink(Dialog[str]):
    """Returns a URL."""

    def __init__(self, links: Sequence[str]) -> None:
        super().__init__()
        self._links = links

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog choice"):
            yield text("Open which link?", "heading")
            yield OptionList(
                *(Option(Content(clean_line(link))) for link in self._links),
                markup=False,
                compact=True,
            )
            yield text("Enter: open · Esc: cancel", "keys")

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._links[event.option_index])
