"""Asks an owner who leaves a room for its next owner."""

from collections.abc import Sequence
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from chat_shared.names import fold
from chat_shared.text import clean_line
from chat_tui.ui.dialogs.dialog import Dialog, text

OLDEST: Final = ""  # the server's default successor: the longest-standing member
DELETE: Final = "/"  # no name: delete the room


class LeaveOwnedRoom(Dialog[str]):
    """Returns the name of the successor, OLDEST or DELETE."""

    def __init__(self, room: str, others: Sequence[str]) -> None:
        """`others` are the members besides the owner."""
        super().__init__()
        self._room = clean_line(room)
        self._others = sorted(others, key=fold)

    def compose(self) -> ComposeResult:
        if self._others:
            question, first = "Choose its next owner.", "The member who has been here longest"
        else:
            question, first = "You're its only member.", "Leave it without an owner"
        with Vertical(classes="dialog choice"):
            yield text(f"Leave {self._room}? {question}", "heading")
            yield text("You need its password to rejoin.")
            yield OptionList(*self._options(first), markup=False, compact=True)
            yield text("Enter: leave · Esc: stay", "keys")

    def _options(self, first: str) -> list[Option]:
        delete = Option(Content.styled("Delete the room and all its messages", "$text-error"))
        names = [Option(Content(clean_line(name))) for name in self._others]
        return [Option(Content(first)), delete, *names]

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        self.dismiss([OLDEST, DELETE, *self._others][event.option_index])
