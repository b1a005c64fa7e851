"""The line above the composer that says what the text is going to be: an answer, or an edit."""

from textual.content import Content
from textual.widget import Widget

from chat_shared.text import clean_line
from chat_tui.intent import Edit, Intent, Reply


class IntentLine(Widget, can_focus=False):
    """Hidden while the text is simply a message."""

    def __init__(self) -> None:
        super().__init__(id="intent")
        self._content = Content()

    def on_mount(self) -> None:
        self.display = False

    def show(self, intent: Intent | None) -> None:
        match intent:
            case Reply(to):
                self._content = Content.assemble(
                    ("↳ to ", "dim"),
                    (clean_line(to.author), "bold"),
                    f": {clean_line(to.text)}",
                    ("  Esc: not after all", "dim"),
                )
            case Edit():
                self._content = Content.assemble(
                    ("✎ ", "dim"), "editing your message", ("  Esc: leave it as it is", "dim")
                )
        self.display = intent is not None
        self.refresh(layout=True)

    def render(self) -> Content:
        return self._content
