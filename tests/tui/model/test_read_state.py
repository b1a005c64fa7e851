"""What is unread, and what is reported as read."""

import pytest

from chat_shared import messages as m
from chat_tui.model import read_state
from chat_tui.model.changes import NotificationDue, RoomsChanged
from support.tui_state import LATER, counts, general, line, logged_in, posted

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


def test_a_deleted_message_that_was_read_or_is_not_loaded_uncounts_nothing() -> None:
    state, room = general()
    state.apply(posted(1))
    state.apply(m.ReadTo("general", 1))
    state.apply(posted(2))
    state.apply(m.Gap("general", 2, 9))

    for event in (
        m.Deleted("general", 9, 1, "linus", LATER),
        m.Deleted("general", 10, 5, "linus", LATER),
    ):
        assert RoomsChanged() not in state.apply(event)
    assert counts(room) == (1, 1, 0)


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

    for seq in (1, 2):
        changes = state.apply(posted(seq, "@ada"))
        assert not any(isinstance(change, NotificationDue) for change in changes)


def test_our_own_messages_do_not_notify() -> None:
    state = logged_in(m.RoomInfo("@3-17", "", 4, 4, peer="Cleo"))

    changes = state.apply(m.Posted("@3-17", 5, "ada", "from my other device", LATER))

    assert not any(isinstance(change, NotificationDue) for change in changes)


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


@pytest.mark.parametrize("unread", [1, 2])
def test_writing_marks_the_room_as_read_and_reports_it(unread: int) -> None:
    state, room = general(10, 7, unread=unread)
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
