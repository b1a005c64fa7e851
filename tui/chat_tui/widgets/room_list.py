"""The rooms in the sidebar: general first, with what is unread. By mouse or by keys."""

from dataclasses import dataclass
from typing import ClassVar, Final

from rich.cells import cell_len, set_cell_size
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from chat_shared.text import clean_line
from chat_tui.messages import ComposerWanted, RoomChosen

WIDTH: Final = 22  # cells of a row: most names fit whole, and the log keeps its room
_MOST: Final = 999  # a number nobody counts beyond


@dataclass(frozen=True, slots=True)
class RoomEntry:
    name: str
    unread: int = 0
    mentions: int = 0


class RoomList(OptionList):
    """Shows `rooms`; says which one was chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]
    rooms: reactive[tuple[RoomEntry, ...]] = reactive(())
    current: reactive[str] = reactive("")

    def __init__(self) -> None:
        super().__init__(id="rooms", markup=False, compact=True)
        self._names: list[str] = []

    def watch_rooms(self) -> None:
        self._draw()

    def watch_current(self) -> None:
        self._draw()

    def _draw(self) -> None:
        """Write the rows; whoever is choosing stays on the room that they are at."""
        at = self._names[self.highlighted] if self.highlighted is not None else self.current
        names = [entry.name for entry in self.rooms]
        if names != self._names:
            self._names = names
            self.set_options(Option(self._row(entry)) for entry in self.rooms)
        else:
            for index, entry in enumerate(self.rooms):
                self.replace_option_prompt_at_index(index, self._row(entry))
        here = at if self.has_focus and at in names else self.current
        self.highlighted = names.index(here) if here in names else None

    def _row(self, entry: RoomEntry) -> Content:
        badge = _badge(entry)
        name = clean_line(entry.name)
        room = WIDTH - 2 - (cell_len(badge) + 1 if badge else 0)
        fitted = name if cell_len(name) <= room else set_cell_size(name, room - 1) + "…"
        fill = " " * (room - cell_len(fitted) + 1) if badge else ""
        here = entry.name == self.current
        return Content.assemble(
            ("▎ " if here else "  ", "$accent"),
            (fitted, "bold" if here or entry.unread else ""),
            fill,
            (badge, "bold $text-warning" if entry.mentions else "$text-accent"),
        )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(RoomChosen(self._names[event.option_index]))

    def action_leave(self) -> None:
        self.post_message(ComposerWanted())


def _badge(entry: RoomEntry) -> str:
    if not entry.unread:
        return ""
    number = f"{_MOST}+" if entry.unread > _MOST else str(entry.unread)
    return f"@{number}" if entry.mentions else number
