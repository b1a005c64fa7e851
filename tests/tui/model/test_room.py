import pytest

from chat_shared import messages as m
from chat_shared.limits import MAX_LOOK_UP, MAX_PAGE
from chat_tui.model.room import IDLE_PAGES, KEEP, KEEP_AFTER_CUT, Room, first_run, last_run


def lines(*seqs: int) -> list[m.Line]:
    return [m.Line(seq, "ada", f"line {seq}", "2026-11-22T09:30:00.000Z") for seq in seqs]


def holding(first: int, last: int, *, newest: int) -> Room:
    return Room("kitchen", last_seq=newest, lines=lines(*range(first, last + 1)), held_to=last)


def test_a_room_that_was_never_opened_starts_with_its_last_page() -> None:
    room = Room("kitchen", last_seq=40)

    request = room.newest()

    assert request is not None
    assert (request.before, request.after) == (41, None)


def test_wherever_one_looks_first_a_room_starts_with_its_last_page() -> None:
    for request in (Room("kitchen", last_seq=40).newer(), Room("kitchen", last_seq=40).older()):
        assert request is not None
        assert (request.before, request.after) == (41, None)


def test_pages_at_the_end_that_bring_nothing_are_not_requested_for_ever() -> None:
    room = Room("kitchen", last_seq=40)
    for _ in range(IDLE_PAGES):
        assert room.newest() is not None
        room.paging = False  # it has arrived, and brought nothing

    assert room.newest() is None


def test_an_empty_room_needs_no_request() -> None:
    room = Room("kitchen")

    assert room.newest() is None
    assert room.older() is None
    assert room.reaches_the_end


@pytest.mark.parametrize("missing", [1, MAX_PAGE])
def test_near_the_end_the_missing_messages_are_requested(missing: int) -> None:
    request = holding(1, 10, newest=10 + missing).newest()

    assert request is not None
    assert (request.before, request.after) == (None, 10)


def test_far_from_the_end_the_last_page_is_requested() -> None:
    request = holding(1, 10, newest=11 + MAX_PAGE).newest()

    assert request is not None
    assert (request.before, request.after) == (12 + MAX_PAGE, None)


def test_newer_pages_begin_where_the_loaded_messages_end() -> None:
    request = holding(30, 40, newest=5_000).newer()

    assert request is not None
    assert (request.before, request.after) == (None, 40)
    assert holding(30, 40, newest=40).newer() is None


def test_a_page_around_a_message_has_as_much_before_as_behind_it() -> None:
    request = holding(30, 40, newest=5_000).around(500)

    assert request.after is not None
    first, last = request.after + 1, request.after + MAX_PAGE
    assert 0 <= (500 - first) - (last - 500) <= 1
    assert holding(30, 40, newest=5_000).around(3).after == 0


def test_older_pages_end_where_the_loaded_messages_begin() -> None:
    request = holding(30, 40, newest=40).older()

    assert request is not None
    assert (request.before, request.after) == (30, None)


def test_one_page_is_requested_at_a_time() -> None:
    room = holding(30, 40, newest=60)

    for request in (room.older, room.newer, room.newest, lambda: room.around(1)):
        assert request() is not None
        assert room.older() is None
        assert room.newer() is None
        assert room.newest() is None
        room.paging = False  # it has arrived


def test_the_first_message_has_nothing_before_it() -> None:
    assert holding(1, 10, newest=10).older() is None
    assert not holding(1, 10, newest=10).has_older


@pytest.mark.parametrize("first", [1, 2])
def test_there_is_more_above_all_but_the_first_message(first: int) -> None:
    assert holding(first, 10, newest=10).has_older == (first > 1)


def test_only_loaded_messages_are_found_by_their_number() -> None:
    room = holding(5, 7, newest=20)

    assert [seq for seq in range(20) if room.line(seq)] == [5, 6, 7]


def test_quotes_that_are_not_loaded_are_looked_up_once_the_newest_first() -> None:
    room = holding(500, 510, newest=510)
    room.want_quotes([0, 505, *range(1, MAX_LOOK_UP + 3)])

    requests = [room.look_up(), room.look_up(), room.look_up()]

    assert [request and request.seqs for request in requests] == [
        [*range(3, MAX_LOOK_UP + 3)],
        [1, 2],
        None,
    ]


def test_a_reader_at_the_end_can_go_up_to_what_was_dropped() -> None:
    room = holding(1, KEEP + 1, newest=KEEP + 1)
    room.more_before = False

    room.forget_oldest()

    assert room.has_older


def test_a_reader_with_few_messages_drops_none() -> None:
    room = holding(1, KEEP, newest=KEEP)

    assert not room.forget_oldest()
    assert not room.forget_newest()
    assert len(room.lines) == KEEP


def test_a_reader_at_the_end_drops_the_oldest_messages() -> None:
    room = holding(1, KEEP + 1, newest=KEEP + 1)

    assert room.forget_oldest()

    assert len(room.lines) == KEEP_AFTER_CUT
    assert room.reaches_the_end
    assert room.has_older
    assert not room.forget_oldest()


def test_a_reader_further_up_drops_the_newest_messages() -> None:
    room = holding(1, KEEP + 1, newest=KEEP + 1)

    assert room.forget_newest()

    assert room.first_held == 1
    assert room.held_to == KEEP_AFTER_CUT
    assert not room.reaches_the_end


def test_a_run_stops_at_a_gap_and_at_a_duplicate() -> None:
    assert [line.seq for line in last_run(lines(1, 2, 4, 5))] == [4, 5]
    assert [line.seq for line in last_run(lines(1, 2, 4))] == [4]
    assert [line.seq for line in first_run(lines(1, 2, 4, 5))] == [1, 2]
    assert [line.seq for line in last_run(lines(4, 4, 5))] == [4, 5]
    assert [line.seq for line in first_run(lines(4, 5, 5))] == [4, 5]
    assert first_run([]) == last_run([]) == []
