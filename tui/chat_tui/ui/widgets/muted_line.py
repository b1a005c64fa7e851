"""The line above the composer that says that the user is muted in the open room."""

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from chat_shared.text import clean_line


class MutedLine(Widget, can_focus=False):
    """Hidden while there is no `sentence`."""

    sentence: reactive[str] = reactive("", layout=True)

    def __init__(self) -> None:
        super().__init__(id="muted")

    def watch_sentence(self) -> None:
        self.display = bool(self.sentence)

    def render(self) -> Content:
        return Content(f"{clean_line(self.sentence)} You can read, but not write.")
