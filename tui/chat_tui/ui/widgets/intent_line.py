"""The line above the composer that says what the text is going to be: an answer, or an edit."""

from typing import Final

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from chat_tui.model.draft import Edit, Intent, Reply
from chat_tui.ui.log.message import answered

_WAY_OUT: Final = "  Esc: answer nothing"


class IntentLine(Widget, can_focus=False):
    """Hidden while the text is simply a message."""

    def __init__(self) -> None:
        super().__init__(id="intent")
        self._intent: Intent | None = None

    def on_mount(self) -> None:
        self.display = False

    def show(self, intent: Intent | None) -> None:
        self._intent = intent
        self.display = intent is not None
        self.refresh(layout=True)

    def render(self) -> Content:
        match self._intent:
            case Reply(to):
                # The way out is in view, however long what is answered.
                words = answered(to, self.size.width - cell_len(_WAY_OUT))
                return Content.assemble(words, (_WAY_OUT, "dim"))
            case Edit():
                return Content.assemble(
                    ("✎ ", "dim"), "editing your message", ("  Esc: leave it as it is", "dim")
                )
        return Content()
