"""The rooms are listed in their order, each with what waits in it and who of two is there."""

from chat_shared import messages as m
from chat_tui.model.state import ChatState
from chat_tui.ui.chat.room_entries import room_entries
from chat_tui.ui.widgets.room_list import RoomEntry


def _state(*rooms: m.RoomInfo) -> ChatState:
    state = ChatState()
    welcome = m.Welcome(re=1, account="ada", token="t", rooms=list(rooms))
    state.answer(m.Login(id=1, name="ada", password="correct horse"), welcome)
    return state


def test_each_room_has_what_is_unread_in_it() -> None:
    state = _state(
        m.RoomInfo("general", "", 0, 0), m.RoomInfo("kitchen", "ada", 7, 2, unread=5, mentions=1)
    )

    assert list(room_entries(state, "general")) == [
        RoomEntry("general"),
        RoomEntry("kitchen", unread=5, calls=1),
    ]


def test_whether_the_other_of_two_is_there_is_known_from_the_open_room() -> None:
    state = _state(m.RoomInfo("general", "", 0, 0), m.RoomInfo("@1-2", "", 0, 0, peer="ben"))
    state.rooms["general"].members["ben"] = m.Member("Ben", online=True)

    online = {entry.name: entry.online for entry in room_entries(state, "general")}
    unknown = {entry.name: entry.online for entry in room_entries(state, "@1-2")}

    assert online == {"general": None, "@1-2": True}
    assert unknown == {"general": None, "@1-2": None}
