"""The help: all keys, as the user has set them, and all commands, from their registries."""

from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from chat_tui.commands.keys import KEYS, keys_of, shown
from chat_tui.commands.parser import offered
from chat_tui.model.premises import OWN_COMPUTER, Premises
from chat_tui.ui.dialogs.dialog import Dialog, text
from chat_tui.ui.widgets.field import CleanInput

_LEFT: Final = 31  # cells: enough for the longest usage and three keys
_NARROW: Final = 50  # cells: below that, the left column gets rows of its own
_KEYS: Final = "↑ ↓ PgUp PgDn · Esc: close"
_NOTHING: Final = "No matches. Try fewer words."


class Help(Dialog[None]):
    """A page to read. Typing filters it, arrow and page keys scroll it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "lines(-1)", show=False),
        Binding("down", "lines(1)", show=False),
        Binding("pageup", "pages(-1)", show=False),
        Binding("pagedown", "pages(1)", show=False),
    ]

    def __init__(
        self,
        overrides: Mapping[str, str],
        words: str = "",
        premises: Premises = OWN_COMPUTER,
        *,
        guest: bool = False,
    ) -> None:
        """Explain what a `guest`, or anyone else, can do on these premises."""
        super().__init__()
        self._commands = [*offered(guest=guest)]
        possible = (key for key in KEYS if premises.offers(key))
        self._offered = [key for key in possible if key.audience.includes(guest=guest)]
        self._overrides = overrides
        self._words = words
        self._page = Static(markup=False)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="help"):
            yield text("Keys and commands", "heading")
            yield CleanInput(
                self._words, placeholder="type to search", compact=True, select_on_focus=False
            )
            with VerticalScroll(can_focus=False):
                yield self._page
            yield text(_KEYS, "keys")

    @on(Input.Changed)
    def narrow(self, event: Input.Changed) -> None:
        self._words = event.value
        self._draw()
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)  # once the page has its new width

    def action_lines(self, count: int) -> None:
        # Immediately: of two keys in one burst the second goes on from where the first led.
        self.query_one(VerticalScroll).scroll_relative(y=count, animate=False, immediate=True)

    def action_pages(self, count: int) -> None:
        self.action_lines(count * self.query_one(VerticalScroll).size.height)

    def _draw(self) -> None:
        words, width = self._words.lower().split(), self._page.size.width
        rows = [row for group in self._groups() for row in _matching(group, words, width)]
        self._page.update(Content("\n").join(rows or [Content(_NOTHING)]))

    def _groups(self) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
        yield "Commands", [(command.usage, command.help, "") for command in self._commands]
        for group in dict.fromkeys(key.group for key in self._offered):
            keys = [key for key in self._offered if key.group == group]
            yield group, [(self._keys(key.id), key.what, key.id) for key in keys]

    def _keys(self, id_: str) -> str:
        return "  ".join(shown(key) for key in keys_of(id_, self._overrides)[:3])


def _matching(
    group: tuple[str, list[tuple[str, str, str]]], words: list[str], width: int
) -> list[Content]:
    """Return the rows of `group` that contain all of `words`, under its heading.

    The id of a key is not displayed but matches as well: "react" finds `picked.react`.
    """
    heading, rows = group
    found = [
        _row(left, right, width)
        for left, right, id_ in rows
        if all(word in f"{heading} {left} {right} {id_}".lower() for word in words)
    ]
    return [Content.styled(heading, "bold $accent"), *found, Content()] if found else []


def _row(left: str, right: str, width: int) -> Content:
    """Return a row of the page; the right column wraps within itself."""
    narrow = width < _NARROW
    indent = 4 if narrow else 2 + _LEFT
    lines = wrap(right, max(width - indent, 1)) or [""]
    first = "\n" + " " * indent if narrow else ""
    return Content.assemble(
        (f"  {left:<{_LEFT}}".rstrip() if narrow else f"  {left:<{_LEFT}}", "bold $text-primary"),
        first + ("\n" + " " * indent).join(lines),
    )
