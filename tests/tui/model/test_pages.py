"""What a page of history brings, beside what is loaded or in its place."""

import pytest

from chat_shared import messages as m
from chat_tui.model.changes import Appended, Prepended, StartedOver, Updated
from chat_tui.model.room import IDLE_PAGES
from chat_tui.model.timeline import MOST
from support.tui_state import LATER, answer, holding, line, logged_in, mark, page, posted


def edited(seq: int, of: int) -> m.Edited:
    return m.Edited("general", seq, of, "linus", LATER, "better")


def test_changes_in_a_page_are_not_displayed() -> None:
    state = logged_in(m.RoomInfo("general", "", 3, 3))
    room = state.rooms["general"]
    answer(state, room.newest(), page(mark(3, 1), more=True))

    assert answer(state, room.older(), page(line(1), mark(2, 1))) == [
        Prepended("general", (line(1),))
    ]
    assert [kept.seq for kept in room.lines] == [1, 2, 3]


def test_messages_changed_according_to_a_page_are_looked_up() -> None:
    state, room = holding(line(1), line(2))
    state.apply(m.Gap("general", 2, 5))

    newer = page(mark(3, 1), line(4))
    assert answer(state, room.newest(), newer) == [Appended("general", (line(4),))]

    request = room.look_up()
    assert request is not None
    assert request.seqs == [1]
    now = m.Lines(re=1, room="general", messages=[line(1, "as it is by now")])
    assert state.answer(request, now) == [Updated("general", (1,))]
    assert room.lines[0].text == "as it is by now"


def test_a_message_changed_during_its_page_request_is_looked_up() -> None:
    state, room = holding(line(5))
    request = room.older()
    state.apply(edited(6, 4))
    state.apply(edited(7, 1))

    answer(state, request, page(line(3), line(4), more=True))

    wanted = room.look_up()
    assert wanted is not None
    assert wanted.seqs == [4]


def test_a_page_around_a_message_replaces_the_loaded_ones() -> None:
    state, room = holding(line(900), line(901))
    request = room.around(300)
    assert (request.after, request.before) == (199, None)

    lines = [line(seq) for seq in range(200, 400)]
    assert state.answer(request, page(*lines, more=True)) == [StartedOver("general")]

    assert (room.first_held, room.held_to, room.last_seq) == (200, 399, 901)
    assert not room.reaches_the_end
    older, newer = room.older(), None
    assert older is not None
    state.answer(older, None)
    newer = room.newer()
    assert newer is not None
    assert newer.after == 399


def test_an_empty_page_around_a_message_keeps_the_loaded_ones() -> None:
    state, room = holding(line(1), line(2))
    assert state.answer(room.around(900), page()) == [StartedOver("general")]
    assert (room.held_to, room.last_seq, room.jump) == (2, 2, None)

    request = room.around(900)
    state.answer(request, None)
    assert (room.paging, room.jump) == (False, None)


def test_an_older_page_that_arrives_too_late_is_ignored() -> None:
    state, room = holding(line(300), line(301))
    late = room.older()
    state.answer(room.around(900), page(line(899), line(900), more=True))

    assert answer(state, late, page(line(298), line(299), more=True)) == []
    assert [kept.seq for kept in room.lines] == [899, 900]


def test_a_newer_page_that_overlaps_adds_only_what_is_new() -> None:
    state, room = holding(line(4), line(5))
    state.apply(m.Gap("general", 5, 9))

    changes = answer(state, room.newer(), page(line(5), line(6), more=True))

    assert changes == [Appended("general", (line(6),))]


def test_a_newer_page_that_does_not_adjoin_replaces_what_is_loaded() -> None:
    state, room = holding(line(4), line(5))
    state.apply(m.Gap("general", 5, 9))

    changes = answer(state, room.newer(), page(line(7), line(8)))

    assert changes == [StartedOver("general")]
    assert room.lines == [line(7), line(8)]


def test_what_the_replies_of_a_page_quote_is_looked_up() -> None:
    state, room = holding(line(50))
    state.apply(m.Gap("general", 50, 53))
    answer(state, room.older(), page(line(48, reply=3), line(49, reply=48), more=True))
    answer(state, room.newer(), page(line(51, reply=4), line(52, reply=50)))

    request = room.look_up()
    assert request is not None
    assert request.seqs == [3, 4]


def test_an_empty_page_above_says_nothing_of_what_is_below() -> None:
    state, room = holding(line(5))
    state.apply(m.Gap("general", 5, 9))
    assert answer(state, room.older(), page()) == [StartedOver("general")]

    assert not room.has_older
    assert not room.reaches_the_end


def test_an_empty_page_below_says_nothing_of_what_is_above() -> None:
    state, room = holding(line(5))
    state.apply(m.Gap("general", 5, 9))
    assert answer(state, room.newer(), page()) == [StartedOver("general")]

    assert room.has_older
    assert room.reaches_the_end


def test_changes_that_a_page_came_after_need_no_look_up() -> None:
    state, room = holding(line(5))
    state.apply(edited(6, 3))
    answer(state, room.older(), page(line(3), line(4), more=True))
    assert room.look_up() is None

    request = room.older()
    state.apply(edited(7, 2))
    answer(state, request, page(line(2), more=True))
    assert room.look_up() is not None
    answer(state, room.older(), page(line(1)))
    assert room.look_up() is None


def test_a_new_message_is_worth_one_more_request_for_the_end() -> None:
    state = logged_in(m.RoomInfo("general", "", 9, 9))
    room = state.rooms["general"]
    for _ in range(IDLE_PAGES):
        answer(state, room.newest(), m.Error("internal", "no", 1))
    assert room.newest() is None

    state.apply(posted(10))

    answer(state, room.newest(), m.Error("internal", "no", 1))
    assert room.newest() is None


def test_a_page_that_brings_anything_lets_the_next_be_requested() -> None:
    state = logged_in(m.RoomInfo("general", "", 9, 9))
    room = state.rooms["general"]
    for seq in range(9 - IDLE_PAGES, 9):
        answer(state, room.newest(), page(line(seq), more=True))

    assert room.newest() is not None


@pytest.mark.parametrize(("held", "kept"), [(MOST - 1, MOST), (MOST, MOST)])
def test_memory_is_bounded_for_a_reader_who_scrolls_down(held: int, kept: int) -> None:
    state, room = holding(*(line(seq) for seq in range(1, held + 1)))
    state.apply(m.Gap("general", held, held + 2))

    answer(state, room.newer(), page(line(held + 1)))

    assert len(room.lines) == kept
