"""How many messages stay in memory, of all rooms together. Pure.

A room that is not open keeps what was loaded and what arrives, so that opening it shows its
messages at once. Where that becomes too much, the largest of them keep their last page.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from chat_shared.limits import MAX_PAGE
from chat_tui.model.changes import Change, StartedOver
from chat_tui.model.room import Room

# Characters, about two bytes each: a hundred thousand usual messages, less than 100 MB.
MAX_HELD: Final = 20_000_000
_MESSAGE: Final = 150  # what a message takes besides its text, and each file, in the same unit

CHECKED_EVERY: Final = 1_000  # messages that arrive: to measure takes a few milliseconds


def shrink(rooms: Mapping[str, Room], open_room: str) -> Iterator[Change]:
    """Forget messages of rooms that are not open, until all fit."""
    sizes = {name: _size(room) for name, room in rooms.items()}
    total = sum(sizes.values())
    for name in sorted(sizes, key=sizes.__getitem__, reverse=True):
        if total <= MAX_HELD:
            return
        room = rooms[name]
        if name != open_room and len(room.lines) > MAX_PAGE:
            room.keep_last(MAX_PAGE)
            total -= sizes[name] - _size(room)
            yield StartedOver(name)


def _size(room: Room) -> int:
    return sum(_MESSAGE * (1 + len(line.files)) + len(line.text) for line in room.lines)
