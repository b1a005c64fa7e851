"""Goes to a room: a few letters and Enter. Enter alone goes to the most urgent one."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.fuzzy import Matcher

from chat_shared.text import clean_line
from chat_tui.markup.unread_badge import unread_badge
from chat_tui.ui.dialogs.picker import FilterPicker
from chat_tui.ui.widgets.room_list import RoomEntry

_NOTHING: Final = "No matching room. Try fewer letters."


class Switcher(FilterPicker[str]):
    """Returns the name of a room."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+p", "cursor('up')", show=False, priority=True),
        Binding("ctrl+n,ctrl+k", "cursor('down')", show=False, priority=True),
    ]

    def __init__(self, rooms: Sequence[RoomEntry], current: str) -> None:
        """Offer `rooms`, given in the order of the last visits, latest first."""
        super().__init__("Go to a room", "part of its name", nothing=_NOTHING)
        self._rooms = by_urgency(rooms, current)

    def matching(self, typed: str) -> Sequence[tuple[str, Content]]:
        return [(room.name, _row(room)) for room in find_rooms(self._rooms, typed)]


def find_rooms(rooms: Sequence[RoomEntry], query: str) -> list[RoomEntry]:
    """Return the rooms that match `query`, best first."""
    if not query.strip():
        return list(rooms)
    matcher = Matcher(query.strip())
    scored = [(matcher.match(room.title), room) for room in rooms]
    return [room for score, room in sorted(scored, key=lambda pair: -pair[0]) if score > 0]


def by_urgency(rooms: Sequence[RoomEntry], current: str) -> list[RoomEntry]:
    """Return rooms with mentions first, then unread ones, and the open room last."""
    return sorted(
        rooms, key=lambda room: (room.name == current, not room.mentions, not room.unread)
    )


def _row(room: RoomEntry) -> Content:
    count = unread_badge(room.unread, room.mentions)
    return Content.assemble(
        ("@ " if room.peer else "# ", ""),
        clean_line(room.title),
        (f"  {count}" if count else "", "bold $text-warning" if room.mentions else "$text-accent"),
    )
