from chat_shared import messages as m
from chat_tui.model.room import KEEP, KEEP_AFTER_CUT, Room, first_run, last_run


def lines(*seqs: int) -> list[m.Line]:
    return [m.Line(seq, "ada", f"line {seq}", "2026-11-22T09:30:00.000Z") for seq in seqs]


def holding(first: int, last: int, *, newest: int) -> Room:
    return Room("kitchen", last_seq=newest, lines=lines(*range(first, last + 1)), held_to=last)


def test_a_room_that_was_never_opened_starts_with_its_last_page() -> None:
    room = Room("kitchen", last_seq=40)

    request = room.newest()

    assert request is not None
    assert (request.before, request.after) == (41, None)


def test_an_empty_room_needs_no_request() -> None:
    room = Room("kitchen")

    assert room.newest() is None
    assert room.older() is None
    assert room.reaches_the_end


def test_near_the_end_the_missing_messages_are_requested() -> None:
    request = holding(1, 10, newest=20).newest()

    assert request is not None
    assert (request.before, request.after) == (None, 10)


def test_far_from_the_end_the_last_page_is_requested() -> None:
    request = holding(1, 10, newest=5_000).newest()

    assert request is not None
    assert (request.before, request.after) == (5_001, None)


def test_older_pages_end_where_the_loaded_messages_begin() -> None:
    request = holding(30, 40, newest=40).older()

    assert request is not None
    assert (request.before, request.after) == (30, None)


def test_one_page_is_requested_at_a_time() -> None:
    room = holding(30, 40, newest=60)

    assert room.older() is not None
    assert room.older() is None
    assert room.newest() is None


def test_the_first_message_has_nothing_before_it() -> None:
    assert holding(1, 10, newest=10).older() is None
    assert not holding(1, 10, newest=10).has_older


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
    assert [line.seq for line in first_run(lines(1, 2, 4, 5))] == [1, 2]
    assert [line.seq for line in last_run(lines(4, 4, 5))] == [4, 5]
    assert [line.seq for line in first_run(lines(4, 5, 5))] == [4, 5]
    assert first_run([]) == last_run([]) == []
