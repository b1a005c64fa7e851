"""What all dialogs are: a box over the chat that Escape closes."""

from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from chat_tui.widgets.field import FOCUS_AT_ONCE

T = TypeVar("T")


class Dialog(ModalScreen[T]):
    """Answers with its result, or with None when it is closed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", show=False),
        *FOCUS_AT_ONCE,
    ]

    def action_close(self) -> None:
        self.dismiss(None)
