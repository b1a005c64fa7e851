"""The line above the composer that says whether the text is a reply or an edit."""

from typing import Final

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from chat_tui.model.draft import Edit, Intent, Reply
from chat_tui.ui.log.message import quoted

_CANCEL_REPLY: Final = "  Esc: cancel reply"


class IntentLine(Widget, can_focus=False):
    """Hidden while the text is a new message."""

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
                # The hint stays in view, however long the quoted message is.
                words = quoted(to, self.size.width - cell_len(_CANCEL_REPLY))
                return Content.assemble(words, (_CANCEL_REPLY, "dim"))
            case Edit():
                return Content.assemble(
                    ("✎ ", "dim"), "editing your message", ("  Esc: cancel edit", "dim")
                )
        return Content()
