"""The last line: how the connection is, what is unread, and the keys that matter."""

from collections.abc import Mapping
from typing import Final

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from chat_shared.text import clean_line
from chat_tui.commands.keys import BY_ID, keys_of, shown

# What is shown of the keys, most important first: the line is cut where it ends.
FOOTER: Final = (
    "room.switch", "help", "room.create", "room.join", "room.exit", "quit", "members.toggle",
)  # fmt: skip

_NARROW: Final = 80  # cells; below, the keys are worth more than where the server is
_AWAY: Final = 20  # cells of why one is away: enough to be reminded


class StatusLine(Widget, can_focus=False):
    """One line, drawn from its attributes."""

    online: reactive[bool] = reactive(False)
    latency: reactive[float | None] = reactive(None)
    account: reactive[str] = reactive("")
    server: reactive[str] = reactive("")
    unread: reactive[int] = reactive(0)
    calls: reactive[int] = reactive(0)  # those of them that mean us
    away: reactive[str] = reactive("")  # why we are not here, if we said so

    def __init__(self, overrides: Mapping[str, str]) -> None:
        super().__init__(id="status")
        self._keys = [(shown(keys_of(id_, overrides)[0]), BY_ID[id_].label) for id_ in FOOTER]

    def render(self) -> Content:
        state, keys = self._state(), self._keys_that_fit
        room = self.size.width - state.cell_length - 2
        fitting = keys(room)
        gap = " " * max(1, room - fitting.cell_length + 1)
        return Content.assemble(state, gap, fitting)

    def _state(self) -> Content:
        latency = f" {self.latency * 1000:.0f} ms" if self.online and self.latency else ""
        unread = f" · {self.unread:,} unread" if self.unread else ""
        calls = f" · @{self.calls:,}" if self.calls else ""
        return Content.assemble(
            ("● ", "$text-success") if self.online else ("○ ", "$text-warning"),
            f"{clean_line(self.account)}",
            (f" (away: {self._away()})" if self.away else "", "$text-warning"),
            (f" on {clean_line(self.server)}" if self.size.width >= _NARROW else "", "dim"),
            (latency, "dim"),
            (calls, "bold $text-warning"),
            (unread, "$text-accent"),
        )

    def _away(self) -> str:
        return Content(clean_line(self.away)).truncate(_AWAY, ellipsis=True).plain

    def _keys_that_fit(self, room: int) -> Content:
        """Return as many keys as there is room for, whole ones."""
        line = Content()
        for key, label in self._keys:
            entry = Content.assemble((key, "bold $text-primary"), f" {label}")
            longer = Content("  ").join([line, entry]) if line.cell_length else entry
            if longer.cell_length > room:
                break
            line = longer
        return line
