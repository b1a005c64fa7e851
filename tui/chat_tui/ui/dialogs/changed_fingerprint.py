"""Shows that a server is not known by what it proves itself with, and asks what to do."""

from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Label

from chat_shared.text import clean
from chat_tui.model.address import Address
from chat_tui.net.disconnect import FingerprintMismatch
from chat_tui.ui.dialogs.dialog import Dialog

_WHY = (
    "Nothing was sent to it. Either it has a new certificate: ask its operator for the fingerprint "
    "and compare. Or somebody stands between you and it, who would read all you write."
)


class ChangedFingerprint(Dialog[bool]):
    """Answers True where the new fingerprint is to be believed from now on."""

    def __init__(self, address: Address, mismatch: FingerprintMismatch, file: Path | None) -> None:
        super().__init__()
        self._address = address
        self._strangeness = mismatch
        self._file = file

    def compose(self) -> ComposeResult:
        rows = [
            (f"{self._address} shows another fingerprint than before.", "heading"),
            ("Known until now:", ""),
            (self._strangeness.known, "fingerprint"),
            ("Shown today:", ""),
            (self._strangeness.shown, "fingerprint"),
            (_WHY, "why"),
        ]
        with Vertical(classes="dialog wide"):
            for words, kind in rows:
                yield Label(Content(clean(words)), classes=kind, markup=False)
            with Horizontal(classes="buttons"):
                yield Button(Content("Stay away"), id="away", variant="primary", compact=True)
                yield Button(Content("Accept the new one"), id="accept", compact=True)
            if self._file is not None:
                where = clean(f"Known servers are kept in {self._file}")
                yield Label(Content(where), classes="keys", markup=False)

    def on_mount(self) -> None:
        self.query_one("#away").focus()

    @on(Button.Pressed, "#accept")
    def accept(self) -> None:
        self.dismiss(True)

    @on(Button.Pressed, "#away")
    def stay_away(self) -> None:
        self.action_close()
