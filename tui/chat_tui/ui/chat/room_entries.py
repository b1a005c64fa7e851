"""The rooms as their list shows them."""

from collections.abc import Iterator

from chat_shared.names import fold
from chat_tui.model.room import Room
from chat_tui.model.state import ChatState
from chat_tui.ui.widgets.presence_dot import Presence, presence_of
from chat_tui.ui.widgets.room_list import RoomEntry


def room_entries(state: ChatState) -> Iterator[RoomEntry]:
    """Yield the rooms in their order."""
    for name in state.room_names():
        room = state.rooms[name]
        yield RoomEntry(room.name, room.unread, room.addressed, room.peer, _presence(state, room))


def _presence(state: ChatState, room: Room) -> Presence:
    """Return the last known presence of the participant of a direct message."""
    return presence_of(state.rooms.presence.get(fold(room.peer)) if room.peer else None)
