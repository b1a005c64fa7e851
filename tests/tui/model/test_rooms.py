from chat_shared import messages as m
from chat_tui.model.changes import Audited, MemberLeft, RoomRemoved, RoomsChanged
from support.tui_state import info, logged_in


def test_direct_messages_are_listed_last_by_participant() -> None:
    rooms = [info("@1", "Dag"), info("zoo"), info("@2", "cleo"), info("general"), info("attic")]

    assert logged_in(*rooms).room_names() == ["general", "attic", "zoo", "@2", "@1"]


def test_a_room_is_found_by_its_name_and_a_direct_message_by_participant() -> None:
    rooms = logged_in(info("@1", "Cleo"), info("@2", "Kitchen"), info("kitchen")).rooms

    assert rooms.find("KITCHEN") is rooms["kitchen"]
    assert rooms.find("cleo") is rooms.find("@Cleo") is rooms["@1"]
    assert rooms.find("@1") is rooms["@1"]
    assert rooms.find("dag") is None


def test_a_direct_message_that_someone_opened_gets_its_title() -> None:
    state = logged_in()
    state.apply(m.Entered("@3-17", "ada"))
    assert state.rooms["@3-17"].title == "@3-17"

    joined = m.Joined(
        re=1, room="@3-17", topic="", owner="", last_seq=3, members=[], unread=3, peer="Cleo"
    )
    state.answer(m.Join(id=1, room="@3-17"), joined)

    room = state.rooms["@3-17"]
    assert (room.title, room.last_seq, room.unread) == ("Cleo", 3, 3)


def test_topic_and_owner_change() -> None:
    state = logged_in()

    assert state.apply(m.Changed("general", "Soup", "Cleo")) == [RoomsChanged()]

    room = state.rooms["general"]
    assert (room.topic, room.owner) == ("Soup", "Cleo")


def test_a_removal_says_who_did_it_and_why() -> None:
    state = logged_in(info("kitchen"))

    assert MemberLeft("kitchen", "ben", "Cleo", "Enough.") in state.apply(
        m.Left("kitchen", "ben", "Cleo", "Enough.")
    )
    left = m.Left("kitchen", "ada", "Cleo", "You too.", "kick")
    assert RoomRemoved("kitchen", "kitchen", left) in state.apply(left)


def test_moderation_actions_are_passed_on() -> None:
    entry = m.AuditEntry(1, "2026-11-22T09:30:00.000Z", "Cleo", "kick", "ben")

    assert logged_in().apply(m.Audited("general", entry)) == [Audited("general", entry)]


def test_a_direct_message_is_not_confused_with_a_room_named_like_its_participant() -> None:
    rooms = logged_in(info("ben"), m.RoomInfo("@1-2", "", 0, 0, peer="Ben")).rooms

    found = rooms.with_peer("ben")
    assert found is not None
    assert found.name == "@1-2"
    assert rooms.with_peer("linus") is None
