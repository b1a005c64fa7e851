"""Asks an owner who leaves whose the room is to be from now on."""

from collections.abc import Sequence
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from chat_shared.names import fold
from chat_shared.text import clean_line
from chat_tui.ui.dialogs.dialog import Dialog

OLDEST: Final = ""  # the heir that a request does without: the member of the longest time
DELETE: Final = "/"  # no name: nobody is to have the room


class ExitOwned(Dialog[str]):
    """Answers with the name of the heir, OLDEST or DELETE."""

    def __init__(self, room: str, others: Sequence[str]) -> None:
        """`others` are the members besides the owner."""
        super().__init__()
        self._room = clean_line(room)
        self._heirs = [OLDEST, DELETE, *sorted(others, key=fold)]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog choice"):
            yield Label(
                Content(f"Exit {self._room}, which is yours? You need its password to come back."),
                classes="heading",
                markup=False,
            )
            yield Label(Content(self._what_follows()), markup=False)
            yield OptionList(*self._options(), markup=False, compact=True)
            yield Label(Content("Enter: exit · Escape: stay"), classes="keys", markup=False)

    def _what_follows(self) -> str:
        if len(self._heirs) > 2:
            return "Choose who owns it then:"
        return "Nobody else is in it. Without you it is nobody's:"

    def _options(self) -> list[Option]:
        alone = len(self._heirs) <= 2
        first = "exit, and leave it as it is" if alone else "whoever has been in it longest"
        names = [Option(Content(clean_line(name))) for name in self._heirs[2:]]
        delete = Option(Content("nobody: delete it, with all that was said"))
        return [Option(Content(first)), delete, *names]

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._heirs[event.option_index])
