"""The rooms as their list shows them, from what is known of them."""

from collections.abc import Iterator

from chat_shared.names import fold
from chat_tui.model.room import Room
from chat_tui.model.state import ChatState
from chat_tui.ui.widgets.room_list import RoomEntry


def room_entries(state: ChatState, current: str) -> Iterator[RoomEntry]:
    """Yield the rooms in their order; `current` is the one that is open.

    Who is online is known of those in the open room, and of nobody else.
    """
    here = state.rooms.get(current)
    for name in state.room_names():
        room = state.rooms[name]
        yield RoomEntry(
            room.name, room.unread, room.addressed, room.peer, _online(here or room, room)
        )


def _online(here: Room, room: Room) -> bool | None:
    peer = here.members.get(fold(room.peer)) if room.peer else None
    return peer.online if peer is not None else None
