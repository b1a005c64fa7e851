"""Asks which emoji to put under a message: by its name, or itself."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from chat_shared.limits import MAX_EMOJI
from chat_tui.markup.emoji import matching
from chat_tui.ui.dialogs.dialog import Dialog
from chat_tui.ui.widgets.field import CleanInput


class React(Dialog[str]):
    """Answers with an emoji."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "cursor('up')", show=False, priority=True),
        Binding("down", "cursor('down')", show=False, priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._found: list[tuple[str, str]] = []
        self._list = OptionList(markup=False, compact=True)
        self._list.can_focus = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog choice"):
            yield Label(Content("React"), classes="heading", markup=False)
            yield CleanInput(placeholder="an emoji, or its name: tada", compact=True)
            yield self._list
            yield Label(
                Content("Enter: put it there, or take yours away · Escape: neither"),
                classes="keys",
                markup=False,
            )

    def on_mount(self) -> None:
        self._draw("")

    @on(Input.Changed)
    def narrow(self, event: Input.Changed) -> None:
        self._draw(event.value)

    def _draw(self, typed: str) -> None:
        self._found = emoji_meant(typed)
        self._list.set_options(
            Option(Content(f"{emoji}  {name}".rstrip())) for name, emoji in self._found
        )
        self._list.highlighted = 0 if self._found else None

    def action_cursor(self, way: str) -> None:
        if way == "up":
            self._list.action_cursor_up()
        else:
            self._list.action_cursor_down()

    @on(Input.Submitted)
    def choose(self) -> None:
        if self._list.highlighted is not None:
            self.dismiss(self._found[self._list.highlighted][1])

    @on(OptionList.OptionSelected)
    def choose_by_mouse(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._found[event.option_index][1])


def emoji_meant(typed: str) -> list[tuple[str, str]]:
    """Return the names and emoji that `typed` may mean; what is an emoji itself has no name."""
    word = typed.strip().strip(":")
    named = matching(word)
    is_one = 0 < len(word) <= MAX_EMOJI and not any(char.isalnum() or char == " " for char in word)
    return [*named, ("", word)] if is_one and not word.isascii() else named
