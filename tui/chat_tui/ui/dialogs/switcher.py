"""Goes to a room or a person: a few letters and Enter. Enter alone: the most urgent room."""

from collections.abc import Sequence
from typing import ClassVar, Final, NamedTuple

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.fuzzy import Matcher

from chat_shared.names import fold
from chat_shared.text import clean_line
from chat_tui.markup.unread_badge import unread_badge
from chat_tui.ui.dialogs.picker import FilterPicker
from chat_tui.ui.widgets.room_list import RoomEntry

_NOTHING: Final = "No matching room or person. Try fewer letters."
_MOST: Final = 20  # people: more than fit the list


class Person(NamedTuple):
    """Someone with whom there is no conversation yet."""

    name: str


class Switcher(FilterPicker[str | Person]):
    """Returns the name of a room, or a person. People are listed once something is typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+p", "cursor('up')", show=False, priority=True),
        Binding("ctrl+n,ctrl+k", "cursor('down')", show=False, priority=True),
    ]

    moves_by_ctrl_p = True

    def __init__(
        self, rooms: Sequence[RoomEntry], current: str, people: Sequence[str] = ()
    ) -> None:
        """Offer `rooms`, given in the order of the last visits, latest first, and `people`."""
        super().__init__("Go to a room or person", "part of the name", nothing=_NOTHING)
        self._rooms = by_urgency(rooms, current)
        known = {fold(room.peer) for room in rooms}
        self._people = sorted((name for name in people if fold(name) not in known), key=fold)

    def matching(self, typed: str) -> Sequence[tuple[str | Person, Content]]:
        rooms = [(room.name, _row(room)) for room in find_rooms(self._rooms, typed)]
        people = [(Person(name), _person_row(name)) for name in find_people(self._people, typed)]
        return [*rooms, *people]


def find_rooms(rooms: Sequence[RoomEntry], query: str) -> list[RoomEntry]:
    """Return the rooms that match `query`, best first."""
    if not query.strip():
        return list(rooms)
    matcher = Matcher(query.strip())
    scored = [(matcher.match(room.title), room) for room in rooms]
    return [room for score, room in sorted(scored, key=lambda pair: -pair[0]) if score > 0]


def find_people(names: Sequence[str], query: str) -> list[str]:
    """Return the names that begin with `query`, which is not empty."""
    start = fold(query.strip().removeprefix("@"))
    return [name for name in names if start and fold(name).startswith(start)][:_MOST]


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


def _person_row(name: str) -> Content:
    return Content.assemble("@ ", clean_line(name), ("  new conversation", "$text-muted"))
