"""Asks whether a server that nobody vouches for is the right one, before anything is sent to it."""

from pathlib import Path
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button

from chat_shared.text import clean
from chat_tui.model.address import Address
from chat_tui.ui.dialogs.dialog import button, text
from chat_tui.ui.dialogs.interruption import Interruption

_WHY: Final = (
    "No certificate authority vouches for it, so compare this with the fingerprint from its "
    "operator. Nothing has been sent yet."
)
_TYPED_ON: Final = "Tab and Enter choose. Esc doesn't connect."


class FirstConnection(Interruption[bool]):
    """Returns True to connect, and trust this fingerprint from now on."""

    def __init__(self, address: Address, fingerprint: str, file: Path | None) -> None:
        super().__init__()
        self._address = address
        self._fingerprint = fingerprint
        self._note = text(clean(f"It will be saved in {file}.") if file else "", "keys")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog wide"):
            yield text(clean(f"First connection to {self._address}"), "heading")
            yield text("Its fingerprint is:")
            yield text(clean(self._fingerprint), "fingerprint")
            yield text(_WHY, "why")
            with Horizontal(classes="buttons"):
                yield button("Connect", "connect", "primary")
                yield button("Don't connect", "away")
            yield self._note

    def on_mount(self) -> None:
        self.query_one("#connect").focus()

    def typed_on(self) -> None:
        self._note.update(_TYPED_ON)

    @on(Button.Pressed, "#connect")
    def connect(self) -> None:
        self.dismiss(True)

    @on(Button.Pressed, "#away")
    def refuse(self) -> None:
        self.action_close()
