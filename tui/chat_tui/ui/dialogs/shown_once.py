"""The base of dialogs with something that is shown only once, and keys that copy it."""

from typing import Final

from textual import on
from textual.content import Content
from textual.widgets import Button, Label

from chat_tui.ui.dialogs.dialog import text
from chat_tui.ui.dialogs.interruption import Interruption

_IF_NOT: Final = "If pasting doesn't work, hold Shift and select it with the mouse."
_TYPED_ON: Final = "This is shown only once. Esc closes it."


class ShownOnce(Interruption[None]):
    """Subclasses yield a button "done", and a `status` below it."""

    def status(self, words: str) -> Label:
        """Return the row that says what was copied, with `words` until then."""
        return text(words, "keys", id="copied")

    def on_mount(self) -> None:
        self.query_one("#done").focus()

    def copy(self, text: str, what: str) -> None:
        self.app.copy_to_clipboard(text)
        self._say(f"✓ {what} copied. {_IF_NOT}")

    def typed_on(self) -> None:
        self._say(_TYPED_ON)

    def _say(self, sentence: str) -> None:
        self.query_one("#copied", Label).update(Content(sentence))

    @on(Button.Pressed, "#done")
    def done(self) -> None:
        self.action_close()
