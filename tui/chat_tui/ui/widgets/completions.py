"""The completions of the word being typed, in rows above the composer."""

from textual.content import Content
from textual.widget import Widget

from chat_shared.text import clean_line
from chat_tui.commands.completion import Choice, Completion


class Completions(Widget, can_focus=False):
    """Hidden while there are no choices."""

    def __init__(self) -> None:
        super().__init__(id="completions")
        self._content = Content()

    def on_mount(self) -> None:
        self.display = False

    def show(self, completion: Completion | None, at: int | None) -> None:
        """Show the choices, and mark number `at`: the one that is in the text."""
        choices = completion.choices if completion is not None else ()
        rows = [_row(choice, chosen=number == at) for number, choice in enumerate(choices)]
        self._content = Content("\n").join(rows)
        self.display = bool(rows)
        self.refresh(layout=True)

    def render(self) -> Content:
        return self._content


def _row(choice: Choice, *, chosen: bool) -> Content:
    mark, style = ("› ", "bold $text-accent") if chosen else ("  ", "bold $text-primary")
    return Content.assemble(
        (f"{mark}{clean_line(choice.text).rstrip()}", style), f"  {clean_line(choice.what)}"
    )
