"""Rooms and their members come and go, here and on other devices."""

from chat_shared import messages as m
from chat_tui.model.changes import (
    MemberJoined,
    MemberLeft,
    MembersChanged,
    Noticed,
    PasswordLost,
    RoomAdded,
    RoomRemoved,
    RoomsChanged,
)
from support.tui_state import AT, info, logged_in


def test_rooms_are_listed_general_first() -> None:
    state = logged_in(info("kitchen"), info("Attic"), info("general"))

    assert state.room_names() == ["general", "Attic", "kitchen"]


def test_a_room_is_found_in_any_case() -> None:
    state = logged_in(info("Kitchen"))

    assert state.find("kitchen") is state.rooms["Kitchen"]
    assert state.find("attic") is None


def test_members_join_and_leave() -> None:
    state = logged_in()

    came = state.apply(m.Entered("general", "linus"))
    again = state.apply(m.Entered("general", "linus"))
    went = state.apply(m.Left("general", "Linus"))

    assert came == [MemberJoined("general", "linus"), MembersChanged("general")]
    assert again == []
    assert went == [MemberLeft("general", "Linus"), MembersChanged("general")]
    assert state.rooms["general"].members == {}


def test_a_room_joined_on_another_device_appears() -> None:
    state = logged_in()

    assert RoomAdded("kitchen") in state.apply(m.Entered("kitchen", "ada"))

    join = m.Join(id=1, room="kitchen")
    members = [m.Member("ada", True), m.Member("linus", False)]
    joined = m.Joined(re=1, room="kitchen", topic="t", owner="linus", last_seq=7, members=members)
    state.answer(join, joined)
    room = state.rooms["kitchen"]
    assert (room.topic, room.last_seq, room.unread, len(room.members)) == ("t", 7, 0, 2)


def test_events_of_other_rooms_are_ignored() -> None:
    state = logged_in()

    for event in (
        m.Entered("kitchen", "linus"),
        m.Left("kitchen", "linus"),
        m.Gap("kitchen", 1, 9),
        m.Posted("kitchen", 1, "linus", "hi", AT),
    ):
        assert state.apply(event) == []
    assert list(state.rooms) == ["general"]


def test_leaving_on_another_device_removes_the_room() -> None:
    state = logged_in(info("general"), info("kitchen"))

    left = m.Left("kitchen", "ada")
    assert state.apply(left) == [
        RoomRemoved("kitchen", "kitchen", left),
        RoomsChanged(),
    ]
    assert state.answer(m.Exit(id=1, room="kitchen"), m.Ok(re=1)) == []


def test_leaving_removes_the_room_when_the_server_agrees() -> None:
    state = logged_in(info("general"), info("kitchen"))
    exit_ = m.Exit(id=1, room="kitchen")

    assert state.answer(exit_, m.Error("internal", "no", 1)) == []
    assert RoomRemoved("kitchen", "kitchen") in state.answer(exit_, m.Ok(re=1))


def test_a_created_room_has_its_owner_as_a_member() -> None:
    state = logged_in()

    state.answer(m.Create(id=1, room="attic"), m.Created(re=1, room="attic", password="p"))

    assert state.rooms["attic"].owner == "ada"
    assert list(state.rooms["attic"].members) == ["ada"]


def test_a_room_whose_password_was_lost_with_the_connection_is_reported_once() -> None:
    state = logged_in()
    create = m.Create(id=2, room="Attic")
    mine, theirs = (m.RoomInfo("attic", owner, 0, 0) for owner in ("ada", "linus"))

    def back(room: m.RoomInfo) -> list[str]:
        welcome = m.Welcome(re=1, account="ada", token="t", rooms=[room])
        changes = state.answer(m.Resume(id=1, token="t", seen={}), welcome)
        return [change.room for change in changes if isinstance(change, PasswordLost)]

    assert state.answer(create, None) == []
    assert back(theirs) == []
    state.answer(create, None)
    assert back(mine) == ["attic"]
    assert back(mine) == []
    state.answer(create, None)  # it was not even sent, or it was refused: the room is ours
    assert back(mine) == []


def test_member_pages_are_merged() -> None:
    state = logged_in()
    first, second = m.Members(id=1, room="general"), m.Members(id=1, room="general", after="a")
    for request, name in ((first, "a"), (second, "b"), (first, "c"), (second, "d")):
        members = [m.Member(name, True)]
        state.answer(request, m.MemberPage(re=1, room="general", members=members))

    assert list(state.rooms["general"].members) == ["c", "d"]


def test_the_operators_notice_is_passed_on() -> None:
    assert logged_in().apply(m.Notice("soup")) == [Noticed("soup")]
    assert logged_in().apply(m.Bye("soup")) == []
