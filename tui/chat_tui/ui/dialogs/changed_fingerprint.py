"""Warns that a known server shows less than it is known by, and asks whether to trust it."""

from pathlib import Path
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button

from chat_shared.text import clean
from chat_tui.model.address import AUTHORITY, UNENCRYPTED, Address
from chat_tui.net.disconnect import TrustMismatch
from chat_tui.ui.dialogs.dialog import Dialog, button, text

_WHY: Final = (
    "Nothing was sent. Either the server has a new certificate: ask its operator for the "
    "fingerprint and compare. Or someone is intercepting the connection, and could read "
    "everything you write."
)


_WORDS: Final = {
    AUTHORITY: "A certificate authority vouched for it.",
    UNENCRYPTED: "Not encrypted: others on the network could read your password and messages.",
}


class ChangedFingerprint(Dialog[bool]):
    """Returns True to trust what the server shows from now on."""

    def __init__(self, address: Address, mismatch: TrustMismatch, file: Path | None) -> None:
        super().__init__()
        self._address = address
        self._mismatch = mismatch
        self._file = file
        self.add_class("-destroys")

    @property
    def _accept(self) -> str:
        unencrypted = self._mismatch.shown == UNENCRYPTED
        return "Connect without encryption" if unencrypted else "Trust the new fingerprint"

    def compose(self) -> ComposeResult:
        rows = [
            (self._mismatch.sentence(self._address).removesuffix("."), "heading"),
            ("Known:", ""),
            (_WORDS.get(self._mismatch.known, self._mismatch.known), "fingerprint"),
            ("Now:", ""),
            (_WORDS.get(self._mismatch.shown, self._mismatch.shown), "fingerprint"),
            (_WHY, "why"),
        ]
        with Vertical(classes="dialog wide"):
            for words, kind in rows:
                yield text(clean(words), kind)
            with Horizontal(classes="buttons"):
                yield button("Don't connect", "away", "primary")
                yield button(self._accept, "accept", "error")
            if self._file is not None:
                yield text(clean(f"Known servers are listed in {self._file}"), "keys")

    def on_mount(self) -> None:
        self.query_one("#away").focus()

    @on(Button.Pressed, "#accept")
    def accept(self) -> None:
        self.dismiss(True)

    @on(Button.Pressed, "#away")
    def refuse(self) -> None:
        self.action_close()
