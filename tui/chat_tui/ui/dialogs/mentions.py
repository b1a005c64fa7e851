"""The messages that mention us, in all rooms."""

from typing import Final

from msgspec.structs import replace
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical

from chat_shared import messages as m
from chat_shared.mentions import places
from chat_tui.ui.dialogs.dialog import text
from chat_tui.ui.dialogs.hits import HitsDialog

_KEYS: Final = "Enter: go there · Esc: close"
_NONE: Final = "No mentions yet. To mention you, people write @ and your name."


class Mentions(HitsDialog):
    """Newest first."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog wide found"):
            yield text("Mentions", "heading")
            yield self._list
            yield self._status

    def on_mount(self) -> None:
        self.say("Loading…")
        self.start(self.load(m.Mentions(id=m.UNNUMBERED)))

    def on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            self.choose()

    def marked(self, hit: m.Hit) -> m.Hit:
        return replace(hit, marks=places(hit.text, self._state.account))

    def loaded(self, count: int) -> None:
        self.say(_KEYS if count else _NONE)
