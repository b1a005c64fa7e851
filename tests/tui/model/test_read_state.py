import pytest

from chat_shared import messages as m
from chat_tui.model import read_state
from chat_tui.model.changes import NotificationDue, RoomsChanged
from chat_tui.model.room import Room
from chat_tui.model.state import ChatState
from support.tui_state import LATER, line, logged_in, page, posted


def counts(room: Room) -> tuple[int, int, int]:
    return room.read_seq, room.unread, room.mentions


def general(
    last: int = 0, read: int = 0, unread: int = 0, mentions: int = 0
) -> tuple[ChatState, Room]:
    state = logged_in(m.RoomInfo("general", "", last, read, unread, mentions))
    return state, state.rooms["general"]


# --- counting


def test_counting_continues_from_the_servers_counts() -> None:
    state, room = general(10, 7, unread=2, mentions=1)
    assert counts(room) == (7, 2, 1)

    state.apply(posted(11, "hey @ada"))
    state.apply(posted(12))

    assert counts(room) == (7, 4, 2)
    assert (state.unread, state.addressed) == (4, 2)


def test_only_messages_of_others_are_counted() -> None:
    state, room = general()
    state.apply(posted(1))
    state.apply(m.Edited("general", 2, 1, "linus", LATER, "@ada"))
    state.apply(m.Reacted("general", 3, 1, "ben", LATER, "🍞"))

    assert counts(room) == (0, 1, 0)


def test_a_deleted_message_is_no_longer_unread() -> None:
    state, room = general()
    for event in posted(1), posted(2, author="ada"), posted(3, "@ada"), posted(4):
        state.apply(event)
    state.apply(m.Deleted("general", 5, 1, "linus", LATER))  # has been read
    state.apply(m.Deleted("general", 6, 2, "ada", LATER))  # is our own
    assert counts(room) == (2, 2, 1)

    assert RoomsChanged() in state.apply(m.Deleted("general", 7, 3, "linus", LATER))
    assert RoomsChanged() not in state.apply(m.Deleted("general", 8, 3, "linus", LATER))
    assert counts(room) == (2, 1, 0)


def test_messages_deleted_while_we_were_offline_are_not_uncounted_again() -> None:
    state, room = general()
    state.apply(posted(1))
    state.apply(posted(2))
    info = m.RoomInfo("general", "", 3, 0, unread=1)
    state.answer(m.Resume("t", {}, id=1), m.Welcome("ada", "t", [info], re=1))
    state.apply(m.Deleted("general", 3, 1, "linus", LATER))

    assert counts(room) == (0, 1, 0)


def test_every_direct_message_is_addressed_to_us() -> None:
    state = logged_in(m.RoomInfo("@3-17", "", 4, 2, unread=2, peer="Cleo"))
    room = state.rooms["@3-17"]
    assert (room.title, room.addressed) == ("Cleo", 2)

    posted_ = m.Posted("@3-17", 5, "Cleo", "hello", LATER)
    due = NotificationDue("@3-17", m.Line(5, "Cleo", "hello", LATER))
    assert due in state.apply(posted_)
    assert (room.unread, state.addressed) == (3, 3)


def test_mentions_notify_and_so_does_everything_where_chosen() -> None:
    state, _ = general()
    assert NotificationDue("general", line(1, "@ada")) in state.apply(posted(1, "@ada"))
    assert NotificationDue("general", line(2)) not in state.apply(posted(2))

    state.notify_all.add("general")

    assert NotificationDue("general", line(3)) in state.apply(posted(3))
    own = state.apply(posted(4, "@ada", author="ada"))
    assert not any(isinstance(change, NotificationDue) for change in own)


def test_messages_read_on_another_device_do_not_notify() -> None:
    state, _ = general(0, 2)

    assert not any(isinstance(c, NotificationDue) for c in state.apply(posted(1, "@ada")))


# --- reading


def test_a_read_state_is_reported_once() -> None:
    state, room = general(10, 7, unread=2)
    assert state.read("general") == [RoomsChanged()]
    assert counts(room) == (10, 0, 0)

    assert read_state.report(room) == m.Read(id=1, room="general", seq=10)
    assert read_state.report(room) is None


def test_without_unread_messages_nothing_is_reported() -> None:
    state, room = general()
    state.apply(posted(1, author="ada"))
    state.read("general")

    assert counts(room) == (1, 0, 0)
    assert read_state.report(room) is None


def test_writing_marks_the_room_as_read_and_reports_it() -> None:
    state, room = general(10, 7, unread=2)
    state.apply(posted(11, author="ada"))

    assert counts(room) == (11, 0, 0)
    assert read_state.report(room) == m.Read(id=1, room="general", seq=11)


def test_a_report_lost_with_the_connection_is_repeated() -> None:
    state, room = general(10, 7, unread=2)
    state.read("general")
    request = read_state.report(room)
    assert request is not None

    state.answer(request, None)
    info = m.RoomInfo("general", "", 10, 7, unread=2)
    resume = m.Resume(id=1, token="t", seen={})
    state.answer(resume, m.Welcome(re=1, account="ada", token="t", rooms=[info]))

    assert counts(room) == (10, 0, 0)
    assert read_state.report(room) == request


def test_a_report_refused_as_too_fast_is_repeated() -> None:
    state, room = general(10, 7, unread=2)
    state.read("general")
    request = read_state.report(room)
    assert request is not None

    state.answer(request, m.Error("internal", "no", 1))
    assert not room.dirty
    state.answer(request, m.Error("too_fast", "later", 1))
    assert room.dirty


# --- other devices


def test_reading_on_another_device_clears_the_counts_here() -> None:
    state, room = general(10, 7, unread=2, mentions=1)

    assert state.apply(m.ReadTo("general", 10)) == [RoomsChanged()]

    assert counts(room) == (10, 0, 0)


def test_a_room_marked_as_unread_on_another_device_stays_so_while_viewed() -> None:
    state, room = general(10, 10)
    state.apply(m.ReadTo("general", 6, 3, 1))

    assert counts(room) == (6, 3, 1)
    assert state.read("general") == []


def test_another_device_that_is_behind_does_not_mark_messages_as_unread_here() -> None:
    state, room = general(10, 7, unread=2)
    state.read("general")

    state.apply(m.ReadTo("general", 8, 1))

    assert counts(room) == (10, 0, 0)


def come_back(state: ChatState, last: int, read: int, unread: int = 0) -> None:
    info = m.RoomInfo("general", "", last, read, unread)
    resume = m.Resume(id=1, token="t", seen={})
    state.answer(resume, m.Welcome(re=1, account="ada", token="t", rooms=[info]))


def test_messages_read_on_another_device_while_offline_stay_read() -> None:
    state, room = general(10, 7, unread=2)
    state.read("general")  # and the connection is lost before the report

    come_back(state, 15, 15)

    assert counts(room) == (15, 0, 0)
    assert read_state.report(room) is None


def test_a_room_marked_as_unread_while_offline_is_reported_whatever_another_device_read() -> None:
    state, room = general(10, 10)
    state.mark_unread("general", 8)

    come_back(state, 15, 15)

    assert read_state.report(room) == m.Read(id=1, room="general", seq=7)


def test_of_two_concurrent_reports_the_one_answered_last_counts() -> None:
    state, room = general(10, 7, unread=2)
    state.read("general")
    request = read_state.report(room)
    assert request is not None

    state.apply(m.ReadTo("general", 8, 1))  # which the server took before ours
    assert counts(room) == (10, 0, 0)

    state.answer(request, m.Ok(re=1))
    state.apply(m.ReadTo("general", 8, 1))  # and this after it
    assert counts(room) == (8, 1, 0)


def test_opening_a_room_takes_over_the_servers_counts() -> None:
    state, room = general(10, 7, unread=2)
    watch = m.Watch(id=1, room="general")
    joined = m.Joined(
        re=1, room="general", topic="", owner="", last_seq=10, members=[], read_seq=9, unread=1
    )
    state.answer(watch, joined)
    assert counts(room) == (9, 1, 0)

    state.apply(posted(11))
    state.answer(watch, joined)  # which was on its way before that
    assert counts(room) == (9, 2, 0)


# --- mark as unread


@pytest.fixture
def read_room() -> tuple[ChatState, Room]:
    state, room = general(4, 4)
    request = room.newest()
    assert request is not None
    lines = (line(1), line(2, "@ada"), line(3, author="ada"), line(4))
    state.answer(request, page(*lines))
    return state, room


def test_everything_from_a_message_on_is_unread_until_the_room_is_opened_again(
    read_room: tuple[ChatState, Room],
) -> None:
    state, room = read_room

    assert state.mark_unread("general", 2) == [RoomsChanged()]

    assert counts(room) == (1, 2, 1)
    assert read_state.report(room) == m.Read(id=1, room="general", seq=1)
    assert state.read("general") == []
    room.kept_unread = False
    assert state.read("general") == [RoomsChanged()]
    assert state.mark_unread("nowhere", 2) == []


def test_writing_in_a_room_marked_as_unread_marks_it_as_read(
    read_room: tuple[ChatState, Room],
) -> None:
    state, room = read_room
    state.mark_unread("general", 2)

    state.apply(posted(5, author="ada"))

    assert counts(room) == (5, 0, 0)
    assert not room.kept_unread
