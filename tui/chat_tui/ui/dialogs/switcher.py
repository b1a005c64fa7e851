"""Goes to a room: a few letters and Enter. Enter alone goes where one is wanted."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.fuzzy import Matcher
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from chat_shared.text import clean_line
from chat_tui.markup.unread_badge import badge
from chat_tui.ui.dialogs.dialog import Dialog
from chat_tui.ui.widgets.field import CleanInput
from chat_tui.ui.widgets.room_list import RoomEntry

_NOTHING: Final = "None of your rooms is called that. Fewer letters find more."


class Switcher(Dialog[str]):
    """Answers with the name of a room."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,ctrl+p", "cursor('up')", show=False, priority=True),
        Binding("down,ctrl+n,ctrl+k", "cursor('down')", show=False, priority=True),
    ]

    def __init__(self, rooms: Sequence[RoomEntry], current: str) -> None:
        """Offer `rooms`, given as they were last visited, latest first."""
        super().__init__()
        self._rooms = by_urgency(rooms, current)
        self._names: list[str] = []
        self._list = OptionList(markup=False, compact=True)
        self._list.can_focus = False
        self._nothing = Label(Content(_NOTHING), classes="keys", markup=False)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="switcher"):
            yield Label(Content("Go to a room"), classes="heading", markup=False)
            yield CleanInput(placeholder="a few letters of its name", compact=True)
            yield self._list
            yield self._nothing

    def on_mount(self) -> None:
        self._draw("")

    @on(Input.Changed)
    def narrow(self, event: Input.Changed) -> None:
        self._draw(event.value)

    def _draw(self, query: str) -> None:
        found = find_rooms(self._rooms, query)
        self._names = [room.name for room in found]
        self._list.set_options(Option(_row(room)) for room in found)
        self._list.highlighted = 0 if found else None
        self._list.display, self._nothing.display = bool(found), not found

    def action_cursor(self, way: str) -> None:
        if way == "up":
            self._list.action_cursor_up()
        else:
            self._list.action_cursor_down()

    @on(Input.Submitted)
    def choose(self) -> None:
        if self._list.highlighted is not None:
            self.dismiss(self._names[self._list.highlighted])

    @on(OptionList.OptionSelected)
    def choose_by_mouse(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._names[event.option_index])


def find_rooms(rooms: Sequence[RoomEntry], query: str) -> list[RoomEntry]:
    """Return the rooms that `query` may mean, the best first."""
    if not query.strip():
        return list(rooms)
    matcher = Matcher(query.strip())
    scored = [(matcher.match(room.title), room) for room in rooms]
    return [room for score, room in sorted(scored, key=lambda pair: -pair[0]) if score > 0]


def by_urgency(rooms: Sequence[RoomEntry], current: str) -> list[RoomEntry]:
    """Return first rooms with mentions, then unread rooms, and last the open one."""
    return sorted(
        rooms, key=lambda room: (room.name == current, not room.mentions, not room.unread)
    )


def _row(room: RoomEntry) -> Content:
    count = badge(room.unread, room.mentions)
    return Content.assemble(
        ("@ " if room.peer else "# ", ""),
        clean_line(room.title),
        (f"  {count}" if count else "", "bold $text-warning" if room.mentions else "$text-accent"),
    )
