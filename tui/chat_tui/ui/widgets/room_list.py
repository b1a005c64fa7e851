"""The list of rooms, then direct messages, with unread counts. For the mouse and the keys."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from rich.cells import cell_len, set_cell_size
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from chat_shared.text import clean_line
from chat_tui.markup.unread_badge import unread_badge
from chat_tui.ui.messages import ComposerWanted, RoomChosen
from chat_tui.ui.widgets.presence_dot import DOTS, Presence

WIDTH: Final = 17  # cells of a row, beside the padding and the scrollbar
_HEADING: Final = ""  # in place of a room's name


@dataclass(frozen=True, slots=True)
class RoomEntry:
    """What a row shows of one room."""

    name: str
    unread: int = 0
    mentions: int = 0  # those of them that mention the user
    peer: str = ""  # the other participant of a direct message
    presence: Presence = "unknown"  # of that participant

    @property
    def title(self) -> str:
        return self.peer or self.name


class RoomList(OptionList):
    """Shows `rooms`; posts `RoomChosen` for the one that is selected."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]
    rooms: reactive[tuple[RoomEntry, ...]] = reactive(())
    current: reactive[str] = reactive("")

    def __init__(self) -> None:
        super().__init__(id="rooms", markup=False, compact=True)
        self._names: list[str] = []  # of the rows, from top to bottom

    def on_mount(self) -> None:
        # The list keeps drawn rows, in the colors of the theme before.
        self.app.theme_changed_signal.subscribe(self, lambda _: self._draw())

    def watch_rooms(self) -> None:
        self._draw()

    def watch_current(self) -> None:
        self._draw()

    def _draw(self) -> None:
        """Draw the rows. While the list has the focus, the highlighted room stays highlighted."""
        at = self._names[self.highlighted] if self.highlighted is not None else self.current
        rows = list(self._rows())
        names = [name for name, _ in rows]
        if names != self._names:
            self._names = names
            self.set_options(Option(row, disabled=name == _HEADING) for name, row in rows)
        else:
            for index, (_, row) in enumerate(rows):
                self.replace_option_prompt_at_index(index, row)
        here = at if self.has_focus and at in names and at != _HEADING else self.current
        self.highlighted = names.index(here) if here in names and here != _HEADING else None

    def _rows(self) -> Iterator[tuple[str, Content]]:
        """Yield the rows with the room that each stands for."""
        direct = [entry for entry in self.rooms if entry.peer]
        yield _HEADING, Content("Rooms")
        for entry in self.rooms:
            if not entry.peer:
                yield entry.name, self._row(entry)
        if direct:
            yield _HEADING, Content("\nDirect messages")
        for entry in direct:
            yield entry.name, self._row(entry)

    def _row(self, entry: RoomEntry) -> Content:
        count = unread_badge(entry.unread, entry.mentions)
        title, dot = clean_line(entry.title), _dot(entry)
        room = WIDTH - 2 - cell_len(dot[0]) - (cell_len(count) + 1 if count else 0)
        fitted = title if cell_len(title) <= room else set_cell_size(title, room - 1) + "…"
        fill = " " * (room - cell_len(fitted) + 1) if count else ""
        here = entry.name == self.current
        return Content.assemble(
            ("▎ " if here else "  ", "$text-accent"),
            dot,
            (fitted, "bold" if here or entry.unread else ""),
            fill,
            (count, "bold $text-warning" if entry.mentions else "$text-accent"),
        )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(RoomChosen(self._names[event.option_index]))

    def action_leave(self) -> None:
        self.post_message(ComposerWanted())


def _dot(entry: RoomEntry) -> tuple[str, str]:
    return DOTS[entry.presence] if entry.peer else ("", "")
