"""Lines above the composer: usage of the command being typed, or the outcome of the last one."""

from textual.content import Content
from textual.widget import Widget

from chat_shared.text import clean
from chat_tui.commands.parser import Command


class Hint(Widget, can_focus=False):
    """Hidden while empty."""

    def __init__(self) -> None:
        super().__init__(id="hint")
        self._content = Content()
        self.explains = False  # shows usage, not an outcome
        self.refuses = False  # shows why an input was refused
        self.sentence = ""  # the outcome, while it is shown

    def on_mount(self) -> None:
        self.display = False

    def explain(self, commands: list[Command]) -> None:
        """Show the usage of `commands`."""
        rows = [
            Content.assemble((command.usage, "bold $text-primary"), f"  {command.help}")
            for command in commands
        ]
        self._show(Content("\n").join(rows))
        self.explains = True

    def say(self, sentence: str) -> None:
        """Show why an input was refused."""
        self._show(Content.styled(clean(sentence), "$text-error"))
        self.refuses = True
        self.sentence = sentence

    def tell(self, sentence: str) -> None:
        """Show that an input succeeded."""
        self._show(Content.styled(clean(sentence), "$text-success"))
        self.sentence = sentence

    def _show(self, content: Content) -> None:
        self.explains = self.refuses = False
        self.sentence = ""
        if not content and not self._content:
            return  # at every key: a layout of the screen costs more than all else that a key does
        self._content = content
        self.display = bool(content)
        self.refresh(layout=True)

    def clear(self) -> None:
        self._show(Content())

    def render(self) -> Content:
        return self._content
