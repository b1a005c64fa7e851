"""A list to choose from while the keys stay with the field above it."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from chat_tui.ui.dialogs.dialog import Dialog, T, text
from chat_tui.ui.widgets.field import CleanInput


class Picker(Dialog[T]):
    """Arrow keys move through the list; Enter or a click chooses. Subclasses fill the list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "cursor('up')", show=False, priority=True),
        Binding("down", "cursor('down')", show=False, priority=True),
    ]

    def __init__(self, options: OptionList) -> None:
        super().__init__()
        self._list = options
        self._list.can_focus = False

    def choice(self, index: int) -> T:
        """Return the result that option `index` stands for."""
        raise NotImplementedError

    def action_cursor(self, way: str) -> None:
        if way == "up":
            self._list.action_cursor_up()
        else:
            self._list.action_cursor_down()

    def choose(self) -> None:
        """Close with the highlighted option, if there is one."""
        if self._list.highlighted is not None:
            self.dismiss(self.choice(self._list.highlighted))

    @on(OptionList.OptionSelected)
    def choose_by_mouse(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self.choice(event.option_index))


class FilterPicker(Picker[T]):
    """A picker whose options are known, and narrowed down by what is typed."""

    def __init__(self, title: str, placeholder: str, *, keys: str = "", nothing: str = "") -> None:
        """`keys` is below the list; `nothing` takes the list's place where no option matches."""
        super().__init__(OptionList(markup=False, compact=True))
        self._heading = title
        self._placeholder = placeholder
        self._keys = keys
        self._nothing = text(nothing, "keys")
        self._choices: Sequence[T] = ()

    def matching(self, typed: str) -> Sequence[tuple[T, Content]]:
        """Return the results that `typed` may mean, best first, each with its row."""
        raise NotImplementedError

    def choice(self, index: int) -> T:
        return self._choices[index]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog choice"):
            yield text(self._heading, "heading")
            yield CleanInput(placeholder=self._placeholder, compact=True)
            yield self._list
            yield self._nothing
            if self._keys:
                yield text(self._keys, "keys")

    def on_mount(self) -> None:
        self._narrow("")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._narrow(event.value)

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.choose()

    def _narrow(self, typed: str) -> None:
        found = self.matching(typed)
        self._choices = [choice for choice, _ in found]
        self._list.set_options(Option(row) for _, row in found)
        self._list.highlighted = 0 if found else None
        self._list.display, self._nothing.display = bool(found), not found
