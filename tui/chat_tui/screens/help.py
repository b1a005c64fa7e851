"""Keys and commands, as they are right now: made from the registries."""

from collections.abc import Iterator, Mapping

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Label, Static

from chat_tui.keys import KEYS, keys_of, shown
from chat_tui.screens.dialog import Dialog
from chat_tui.slash import COMMANDS
from chat_tui.widgets.field import CleanInput

_LEFT = 26  # cells: the longest usage and three keys fit
_NOTHING = "Nothing is called that. Fewer words find more; without any, all is shown."


class Help(Dialog[None]):
    """A page to read; typing narrows it down."""

    def __init__(self, overrides: Mapping[str, str], words: str = "") -> None:
        super().__init__()
        self._overrides = overrides
        self._words = words
        self._page = Static(markup=False)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="help"):
            yield Label(Content("Keys and commands"), classes="heading", markup=False)
            yield CleanInput(
                self._words, placeholder="type to search", compact=True, select_on_focus=False
            )
            with VerticalScroll(can_focus=False):
                yield self._page

    def on_mount(self) -> None:
        self._draw(self._words)

    @on(Input.Changed)
    def narrow(self, event: Input.Changed) -> None:
        self._draw(event.value)

    def _draw(self, words: str) -> None:
        rows = [row for group in self._groups() for row in _matching(group, words.lower().split())]
        self._page.update(Content("\n").join(rows or [Content(_NOTHING)]))

    def _groups(self) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
        yield "Commands", [(command.usage, command.what, "") for command in COMMANDS]
        for group in dict.fromkeys(key.group for key in KEYS):
            rows = [(self._keys(key.id), key.what, key.id) for key in KEYS if key.group == group]
            yield group, rows

    def _keys(self, id_: str) -> str:
        return "  ".join(shown(key) for key in keys_of(id_, self._overrides)[:3])


def _matching(group: tuple[str, list[tuple[str, str, str]]], words: list[str]) -> list[Content]:
    """Return the rows of `group` that hold all of `words`, under its heading.

    What a key is called in the settings is not shown, and found: "react" is `picked.react`.
    """
    heading, rows = group
    found = [
        Content.assemble((f"  {left:<{_LEFT}}", "bold $text-primary"), right)
        for left, right, called in rows
        if all(word in f"{heading} {left} {right} {called}".lower() for word in words)
    ]
    return [Content.styled(heading, "bold $accent"), *found, Content()] if found else []
