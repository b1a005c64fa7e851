"""The last line of the screen: the connection, unread messages, and the most important keys."""

from collections.abc import Mapping
from typing import Final

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from chat_shared.text import clean_line
from chat_tui.commands.keys import BY_ID, key_shown

# From left to right. Where there is no room for all, those at the end of `_IMPORTANT` go.
FOOTER: Final = (
    "help", "room.switch", "room.create", "room.join", "room.exit", "members.toggle", "quit",
)  # fmt: skip
_IMPORTANT: Final = (
    "help", "room.switch", "room.create", "room.join", "room.exit", "quit", "members.toggle",
)  # fmt: skip

_NARROW: Final = 80  # cells; below, the keys are worth more than the address of the server
_AWAY: Final = 20  # cells of the away message: enough to be reminded of it


class StatusLine(Widget, can_focus=False):
    """One line, drawn from its attributes."""

    online: reactive[bool] = reactive(False)
    latency: reactive[float | None] = reactive(None)  # seconds
    account: reactive[str] = reactive("")
    server: reactive[str] = reactive("")
    unread: reactive[int] = reactive(0)
    mentions: reactive[int] = reactive(0)  # among the unread messages
    away: reactive[str] = reactive("")  # the user's own away message
    is_guest: reactive[bool] = reactive(False)
    can_leave: reactive[bool] = reactive(False)  # the open room

    def __init__(self, overrides: Mapping[str, str]) -> None:
        super().__init__(id="status")
        self._keys = {
            id_: Content.assemble(
                (key_shown(id_, overrides), "bold $text-primary"), f" {BY_ID[id_].label}"
            )
            for id_ in FOOTER
        }

    def render(self) -> Content:
        state, width = self._state(), self.content_size.width
        keys = self._keys_that_fit(width - state.cell_length - 2)
        gap = " " * max(1, width - state.cell_length - keys.cell_length)
        return Content.assemble(state, gap, keys)

    def _state(self) -> Content:
        latency = f" · {self.latency * 1000:.0f} ms" if self.online and self.latency else ""
        unread = f" · {self.unread:,} unread" if self.unread else ""
        mentions = f" · @{self.mentions:,}" if self.mentions else ""
        return Content.assemble(
            ("● ", "$text-success") if self.online else ("○ ", "$text-warning"),
            f"{clean_line(self.account)}",
            (f" (away: {self._away()})" if self.away else "", "$text-warning"),
            (f" on {clean_line(self.server)}" if self.size.width >= _NARROW else "", "dim"),
            (latency, "dim"),
            (unread, "$text-accent"),
            (mentions, "bold $text-warning"),
        )

    def _away(self) -> str:
        return Content(clean_line(self.away)).truncate(_AWAY, ellipsis=True).plain

    def _keys_that_fit(self, room: int) -> Content:
        """Return the most important keys that fit whole, in the order of the footer."""
        chosen: set[str] = set()
        for id_ in _IMPORTANT:
            if id_ == "room.exit" and not self.can_leave:
                continue
            if not BY_ID[id_].audience.includes(guest=self.is_guest):
                continue
            if self._line(chosen | {id_}).cell_length > room:
                break
            chosen.add(id_)
        return self._line(chosen)

    def _line(self, ids: set[str]) -> Content:
        return Content("  ").join(self._keys[id_] for id_ in FOOTER if id_ in ids)
