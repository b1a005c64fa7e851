"""The line above the composer that tells a guest until when they can stay."""

from datetime import UTC, datetime

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from chat_tui.commands.guests_text import staying


class GuestLine(Widget, can_focus=False):
    """Hidden for those who are no guests."""

    until: reactive[str] = reactive("", layout=True)  # when the account ends
    returns: reactive[bool] = reactive(False, layout=True)  # the log-in is kept

    def __init__(self) -> None:
        super().__init__(id="guest")

    def watch_until(self) -> None:
        self.display = bool(self.until)

    def render(self) -> Content:
        if not self.until:
            return Content("")
        return Content(staying(self.until, datetime.now(UTC), returns=self.returns))
