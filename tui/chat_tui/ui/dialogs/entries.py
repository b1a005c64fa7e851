"""A list of what belongs to the account, one entry of which may be selected and removed."""

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, OptionList
from textual.widgets.option_list import Option

from chat_shared import messages as m
from chat_shared.text import clean_line
from chat_tui.ui.dialogs.dialog import Dialog, button, text

Entry = TypeVar("Entry")


class Entries(Dialog[None], Generic[Entry]):
    """Subclasses say what is loaded, how an entry is shown and what Enter does to it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("delete", "remove", show=False)]

    def __init__(self, title: str, advice: str, remove: str, *, none: str = "") -> None:
        """Give `advice` below the entries, or say that there are `none`; `remove` is a button."""
        super().__init__()
        self._title = title
        self._advice = advice
        self._none = none
        self._remove = remove
        self._list = OptionList(markup=False, id="entries")
        self._status = text("Loading…", "keys", id="words")
        self.entries: Sequence[Entry] = ()

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog wide"):
            yield text(self._title, "heading")
            yield self._list
            with Horizontal(classes="buttons"):
                yield from self.more_buttons()
                yield button(self._remove, "remove")
                yield button("Done", "done", "primary")
            yield self._status

    def on_mount(self) -> None:
        self.set_focus(self._list)
        self.start_once(self._load_first())

    @property
    def selected(self) -> Entry | None:
        at = self._list.highlighted
        return None if at is None else self.entries[at]

    @on(OptionList.OptionSelected)
    def _chosen(self) -> None:
        if self.selected is not None:
            self.choose(self.selected)

    @on(Button.Pressed, "#remove")
    def action_remove(self) -> None:
        if self.selected is not None:
            self.remove_entry(self.selected)

    @on(Button.Pressed, "#done")
    def done(self) -> None:
        self.action_close()

    def say(self, sentence: str) -> None:
        self._status.update(Content(clean_line(sentence)))

    async def _load_first(self) -> None:
        if await self.load():
            self.say(self._advice if self.entries else self._none)

    async def load(self) -> bool:
        """Show the entries as the server has them; return whether it sent them."""
        reply = await self.ask(self.request())
        if isinstance(reply, m.Error):
            self.say(reply.message)
            return False
        self.entries = self.read(reply)
        highlighted = self._list.highlighted or 0
        self._list.clear_options()
        self._list.add_options([Option(self.row(entry)) for entry in self.entries])
        self._list.highlighted = min(highlighted, len(self.entries) - 1) if self.entries else None
        self._offer_what_is_possible()
        return True

    def _offer_what_is_possible(self) -> None:
        """Without entries there is none to remove, and Enter is for the first button."""
        self.query_one("#remove").display = bool(self.entries)
        if not self.entries and self.focused is self._list:
            self.focus_next()

    async def remove_by(self, request: m.Request, sentence: str) -> None:
        """Send `request`, then show what became of it: `sentence`, or why not."""
        reply = await self.ask(request)
        if isinstance(reply, m.Error):
            self.say(reply.message)
        else:
            self.say(sentence)
            await self.load()

    # --- for subclasses

    def more_buttons(self) -> ComposeResult:
        yield from ()

    def choose(self, entry: Entry) -> None:
        """Enter was pressed on `entry`."""
        self.remove_entry(entry)

    def request(self) -> m.Request:
        """Return what asks for the entries."""
        raise NotImplementedError

    def read(self, reply: m.Reply) -> Sequence[Entry]:
        """Return the entries in the server's reply."""
        raise NotImplementedError

    def row(self, entry: Entry) -> Content:
        raise NotImplementedError

    def remove_entry(self, entry: Entry) -> None:
        raise NotImplementedError
