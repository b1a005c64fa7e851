"""Reading on several devices, and what is marked as unread."""

import pytest

from chat_shared import messages as m
from chat_tui.model import read_state
from chat_tui.model.changes import RoomsChanged
from chat_tui.model.room import Room
from chat_tui.model.state import ChatState
from support.tui_state import counts, general, line, page, posted


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


@pytest.mark.parametrize(("seq", "left"), [(1, (0, 3, 1)), (4, (3, 1, 0)), (5, (4, 0, 0))])
def test_marking_as_unread_counts_the_messages_of_others_from_there(
    read_room: tuple[ChatState, Room], seq: int, left: tuple[int, int, int]
) -> None:
    state, room = read_room

    state.mark_unread("general", 1)
    state.mark_unread("general", seq)

    assert counts(room) == left


def test_what_is_not_loaded_stays_unread_when_a_message_above_is_marked(
    read_room: tuple[ChatState, Room],
) -> None:
    state, room = read_room
    come_back(state, 20, 4, unread=9)
    state.apply(m.Gap("general", 4, 21))
    room.mentions = 2

    state.mark_unread("general", 4)

    assert counts(room) == (3, 9, 2)


# --- reports


def test_what_another_device_reported_meanwhile_is_not_reported_here() -> None:
    state, room = general(10, 7, unread=2)
    state.read("general")

    state.apply(m.ReadTo("general", 10))

    assert read_state.report(room) is None
    state.apply(posted(11))
    assert state.read("general") == [RoomsChanged()]  # it is not marked as unread


def test_until_all_reports_are_answered_none_of_other_devices_counts() -> None:
    state, room = general(10, 7, unread=2)
    reports = []
    for seq in (11, 12):
        state.apply(posted(seq))
        state.read("general")
        reports.append(read_state.report(room))

    for report in reports:
        assert report is not None
        state.apply(m.ReadTo("general", 8, 4))
        assert counts(room) == (12, 0, 0)
        state.answer(report, m.Ok(re=1))
    state.apply(m.ReadTo("general", 8, 4))
    assert counts(room) == (8, 4, 0)
