"""The rooms in their order, each with its unread messages and the presence in direct ones."""

from chat_shared import messages as m
from chat_tui.model.state import ChatState
from chat_tui.ui.chat.room_entries import room_entries
from chat_tui.ui.widgets.room_list import RoomEntry


def _state(*rooms: m.RoomInfo) -> ChatState:
    state = ChatState()
    welcome = m.Welcome(re=1, account="ada", token="t", rooms=list(rooms))
    state.answer(m.Login(id=1, name="ada", password="correct horse"), welcome)
    return state


def test_each_room_has_its_unread_messages() -> None:
    state = _state(
        m.RoomInfo("general", "", 0, 0), m.RoomInfo("kitchen", "ada", 7, 2, unread=5, mentions=1)
    )

    assert list(room_entries(state)) == [
        RoomEntry("general"),
        RoomEntry("kitchen", unread=5, mentions=1),
    ]


def test_presence_in_a_direct_message_is_known_from_any_room() -> None:
    state = _state(m.RoomInfo("general", "", 0, 0), m.RoomInfo("@1-2", "", 0, 0, peer="ben"))
    assert _presence(state) == "unknown"

    ask = m.Watch(id=2, room="general")
    state.answer(ask, m.Joined("general", "", "", 0, [m.Member("Ben", True)], False, re=2))
    assert _presence(state) == "online"

    state.apply(m.Presence("general", [m.Member("Ben", True, away="lunch")]))
    assert _presence(state) == "away"
    state.apply(m.Presence("general", [m.Member("Ben", False)]))
    assert _presence(state) == "offline"


def test_presence_is_unknown_again_after_another_log_in() -> None:
    infos = [m.RoomInfo("general", "", 0, 0), m.RoomInfo("@1-2", "", 0, 0, peer="ben")]
    state = _state(*infos)
    state.rooms.note_presence([m.Member("Ben", True)])
    assert _presence(state) == "online"

    welcome = m.Welcome(re=3, account="ada", token="t", rooms=infos)
    state.answer(m.Resume(id=3, token="t", seen={}), welcome)
    assert _presence(state) == "unknown"


def _presence(state: ChatState) -> str:
    return next(entry.presence for entry in room_entries(state) if entry.peer)
