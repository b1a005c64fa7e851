"""What called one by name, in all rooms, also while one was away."""

from msgspec.structs import replace
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Label

from chat_shared import messages as m
from chat_shared.mentions import places
from chat_tui.ui.dialogs.hits import HitsDialog

_KEYS = "Enter: go there · Escape: close"


class Mentions(HitsDialog):
    """Newest first."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog wide found"):
            yield Label(Content("What called you"), classes="heading", markup=False)
            yield self._list
            yield self._words

    def on_mount(self) -> None:
        self.say("Asking…")
        self.ask(m.Mentions(id=m.UNNUMBERED))

    def on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            self.choose()

    def marked(self, hit: m.Hit) -> m.Hit:
        return replace(hit, marks=places(hit.text, self._state.account))

    def found(self, count: int) -> None:
        self.say(
            _KEYS if count else "Nobody has called you yet. People do it with @ and your name."
        )
