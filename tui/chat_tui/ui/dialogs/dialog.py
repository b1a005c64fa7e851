"""What all dialogs are: a box over the chat that Escape closes, and perhaps asks the server."""

from typing import ClassVar, Final, TypeVar

from textual import on
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Button

from chat_shared import messages as m
from chat_tui.ui.messages import Answered, AskRequested
from chat_tui.ui.widgets.field import FOCUS_AT_ONCE

T = TypeVar("T")

OFFLINE: Final = "The server is out of reach. Try again when the line is back."


class Dialog(ModalScreen[T]):
    """Answers with its result, or with None when it is closed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", show=False),
        *FOCUS_AT_ONCE,
    ]

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (74, "-normal")]  # noqa: RUF012 - as Textual has it
    VERTICAL_BREAKPOINTS = [(0, "-short"), (28, "-high")]  # noqa: RUF012

    def action_close(self) -> None:
        self.dismiss(None)

    @on(Button.Pressed, "#cancel")
    def cancel(self) -> None:
        self.action_close()


class AskingDialog(Dialog[T]):
    """Asks the server for something; the last request is the one that counts."""

    _asked: m.Request | None = None

    def ask(self, request: m.Request) -> None:
        """Send `request`; `answered` hears what came of it."""
        self._asked = request
        self.post_message(AskRequested(request))

    def answered(self, reply: m.Reply) -> None:
        """Called with what the server gave. What it refused, or could not hear, is `refused`."""
        raise NotImplementedError

    def refused(self, sentence: str, code: str) -> None:
        """Called with the reason; `code` is the server's, or empty where the line was lost."""
        raise NotImplementedError

    def on_answered(self, event: Answered) -> None:
        if event.request is not self._asked:
            return
        match event.reply:
            case None:
                self.refused(OFFLINE, "")
            case m.Error(message=sentence, code=code):
                self.refused(sentence, code)
            case reply:
                self.answered(reply)
