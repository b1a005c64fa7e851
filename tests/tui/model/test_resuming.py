"""What a client says it has of each room when it resumes its session."""

from chat_shared import messages as m
from chat_shared.limits import MAX_FIELD, MAX_FRAME, MAX_SEEN
from chat_tui.model.resuming import NOTHING, Known, resume_request
from support.tui_state import AT, LATER, answer, general, holding, line, page, posted


def test_the_times_are_those_of_the_numbers_as_far_as_they_are_known() -> None:
    seen = {"general": Known(42, AT), "kitchen": Known(7, ""), "cellar": NOTHING}

    request = resume_request("token", seen)

    assert request.seen == {"general": 42, "kitchen": 7, "cellar": 0}
    assert request.at == {"general": AT}


def test_times_that_do_not_fit_are_left_out() -> None:
    names = [f"{number:03}".ljust(MAX_FIELD // 5, "x") for number in range(MAX_SEEN)]

    request = resume_request("token", dict.fromkeys(names, Known(42, AT)))

    assert len(request.seen) == MAX_SEEN
    assert request.at == {}
    assert len(m.encode(request)) <= MAX_FRAME


def test_of_a_room_that_was_never_loaded_only_the_number_is_known() -> None:
    _, room = general(last=9)

    assert room.seen == Known(9, "")


def test_the_newest_message_that_arrived_or_was_loaded_is_named_with_its_time() -> None:
    state, room = holding(line(1), line(2))
    assert room.seen == Known(2, AT)

    state.apply(posted(3))
    assert room.seen == Known(3, AT)
    state.apply(m.Edited("general", 4, 1, "linus", LATER, "ho"))
    assert room.seen == Known(4, LATER)
    answer(state, room.around(1), page(line(1), line(2)))
    assert room.seen == Known(4, LATER)


def test_behind_a_gap_the_newest_message_before_it_is_named() -> None:
    state, room = holding(line(1), line(2))
    state.apply(m.Gap("general", 2, 900))

    assert room.seen == Known(2, AT)
    assert room.last_seq == 899
    state.apply(posted(900))
    assert room.seen == Known(900, AT)


def test_what_is_loaded_behind_a_gap_is_known() -> None:
    state, room = holding(line(1), line(2))
    state.apply(m.Gap("general", 2, 5))
    answer(state, room.newest(), page(line(3), line(4)))

    assert room.seen == Known(4, AT)


def test_after_a_log_in_nothing_is_known_of_what_was_held_before() -> None:
    state, room = holding(line(1), line(2))
    info = m.RoomInfo("general", "", 3, 3)
    login = m.Login(id=1, name="ada", password="correct horse")
    state.answer(login, m.Welcome(re=1, account="ada", token="t", rooms=[info]))

    assert room.seen == Known(3, "")
