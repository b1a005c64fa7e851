"""A dialog that no key opened: a reply or an event did, perhaps while someone was typing.

What is typed on without having seen it must neither answer nor close it. So a key counts
only after a pause, and Enter not at all once there was a word. Escape always closes.
"""

import time
from typing import ClassVar, Final

from textual import events

from chat_tui.ui.dialogs.dialog import Dialog, T

# Seconds without a key, longer than between two letters of a word or before its Enter.
PAUSE: Final = 0.5

_SUBMITTING: Final = {"enter", "ctrl+j"}


class Interruption(Dialog[T]):
    """Focus its button when it is mounted: that is what Enter presses."""

    KEYS: ClassVar[str] = ""  # the letters that do something

    def __init__(self) -> None:
        super().__init__()
        self._last_typed = time.monotonic()

    def on_key(self, event: events.Key) -> None:
        if not event.is_printable and event.key not in _SUBMITTING:
            return
        now = time.monotonic()
        is_hasty = now - self._last_typed < PAUSE
        self._last_typed = now
        if event.is_printable and (is_hasty or event.character not in tuple(self.KEYS)):
            self._type_on()
        if is_hasty:
            event.stop()

    def _type_on(self) -> None:
        """Take what is typed for a text: the Enter behind it presses nothing."""
        self.set_focus(None)
        self.typed_on()

    # --- for subclasses

    def typed_on(self) -> None:
        """Say how the dialog is closed, now that Enter does not."""
