"""The hooks of a room, and a way to remove one."""

from collections.abc import Sequence
from typing import Final

from textual.content import Content

from chat_shared import messages as m
from chat_shared.text import clean_line
from chat_tui.commands import hooks
from chat_tui.ui.dialogs.entries import Entries

_ADVICE: Final = "Delete: remove the selected hook · Esc: close"


class HooksList(Entries[m.HookInfo]):
    """Delete removes the selected hook; Escape closes."""

    def __init__(self, room: str, title: str) -> None:
        super().__init__(f"Hooks of {clean_line(title)}", _ADVICE, "Remove", none=hooks.NONE)
        self._room = room

    def request(self) -> m.Request:
        return m.Hooks(id=m.UNNUMBERED, room=self._room)

    def read(self, reply: m.Reply) -> Sequence[m.HookInfo]:
        return reply.hooks if isinstance(reply, m.HookList) else []

    def row(self, entry: m.HookInfo) -> Content:
        details = f" · {hooks.details(entry)}"
        return Content.assemble((clean_line(entry.name), "bold"), details)

    def choose(self, entry: m.HookInfo) -> None:
        """Programs that have its address would fail from then on: not by Enter alone."""
        self.say(f"Delete removes {entry.name}: programs that have its address can't post then.")

    def remove_entry(self, entry: m.HookInfo) -> None:
        request = m.RemoveHook(id=m.UNNUMBERED, room=self._room, hook=entry.hook)
        self.start_once(self.remove_by(request, f"Removed {entry.name}."))
