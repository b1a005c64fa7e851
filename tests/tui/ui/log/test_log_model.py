"""The rows of one room: order, keys, the reader's place, and what listeners hear."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, strategies as st

from chat_tui.ui.log.author_colors import AuthorColors
from chat_tui.ui.log.log_model import ROW_START, LogModel, Place, Splice
from chat_tui.ui.log.rows import DayRow, GapRow, MessageRow, Row

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TODAY = DayRow(date(2026, 11, 22))


def posted(seq: int, *, own: bool = False) -> MessageRow:
    return MessageRow(("seq", seq), "ada", f"message {seq}", NOON, own=own)


def run(start: int, end: int) -> list[Row]:
    return [posted(seq) for seq in range(start, end)]


def asks(model: LogModel) -> tuple[bool, bool, bool, bool]:
    """Return what there is more of, and whether it has been asked for: above, then below."""
    return model.more_above, model.asked_above, model.more_below, model.asked_below


def check(model: LogModel, expected: list[Row]) -> None:
    """Every row is where its key says, and ordinals grow from top to bottom."""
    assert list(model.rows) == expected
    assert [model[index] for index in range(len(model))] == expected
    assert [model.index(row.key) for row in expected] == list(range(len(expected)))
    ordinals = [model.ordinal(index) for index in range(len(expected))]
    assert [model.index_of_ordinal(ordinal) for ordinal in ordinals] == list(range(len(expected)))


def test_rows_stand_in_order_wherever_they_were_put() -> None:
    model = LogModel(run(10, 12))

    model.append(run(20, 22))
    model.prepend(run(1, 3))
    model.insert(("seq", 20), run(15, 17))
    model.replace(("seq", 16), posted(160), posted(161))
    model.remove(("seq", 1))

    check(model, [posted(n) for n in (2, 10, 11, 15, 160, 161, 20, 21)])
    assert ("seq", 1) not in model
    assert ("seq", 161) in model


def test_a_key_can_be_in_the_log_only_once() -> None:
    model = LogModel(run(1, 3))

    with pytest.raises(ValueError, match="in the log already"):
        model.append([posted(2)])
    with pytest.raises(ValueError, match="in the log already"):
        model.append([posted(7), posted(7)])
    check(model, run(1, 3))


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(KeyError):
        LogModel().replace(("seq", 1), posted(1))


def test_a_listener_hears_of_a_batch_as_one_change() -> None:
    model = LogModel(run(10, 12))
    received: list[Splice] = []
    model.on_change = received.append

    model.append(run(20, 25))
    model.prepend(run(1, 3), more=True)
    model.replace(("seq", 10), posted(100))
    model.extend(run(30, 32))
    model.unfold(("seq", 100))
    model.append([])
    model.start_over(run(1, 3))

    assert received == [
        Splice(2, 0, 5), Splice(0, 0, 2), Splice(2, 1, 1), Splice(9, 0, 2), Splice(2, 1, 1),
        Splice(0, 11, 2),
    ]  # fmt: skip


def test_older_messages_of_the_same_day_take_over_its_separator() -> None:
    model = LogModel([GapRow(("gap",)), TODAY, *run(10, 12)])

    model.replace(("gap",), TODAY, *run(8, 10))

    check(model, [TODAY, *run(8, 12)])


def test_prepending_answers_what_was_asked_for() -> None:
    model = LogModel(run(5, 6), more_above=True)
    model.asked_above = True

    model.prepend([], more=True)
    assert model.more_above
    assert not model.asked_above

    model.prepend(run(1, 5))
    assert not model.more_above


def test_extending_answers_what_was_asked_for() -> None:
    model = LogModel(run(1, 5), more_below=True)
    model.asked_below = True

    model.extend([], more=True)
    assert model.more_below
    assert not model.asked_below

    model.extend(run(5, 7))
    assert not model.more_below
    check(model, run(1, 7))


def test_a_log_that_starts_over_has_asked_for_nothing_yet() -> None:
    model = LogModel(run(5, 6))
    assert asks(model) == (False, False, False, False)
    model.asked_above = model.asked_below = True

    model.start_over(run(1, 3))

    assert asks(model) == (False, False, False, False)
    model.start_over(run(1, 3), more_below=True)
    assert asks(model) == (False, False, True, False)


def test_a_row_that_is_gone_has_the_nearest_place() -> None:
    model = LogModel(run(1, 6))
    first, last = model.ordinal(0), model.ordinal(4)
    model.remove(("seq", 1))
    model.remove(("seq", 5))

    assert model[model.index_of_ordinal(first)] == posted(2)
    assert model[model.index_of_ordinal(last)] == posted(4)


def test_a_long_message_stays_unfolded_until_it_is_gone() -> None:
    model = LogModel(run(1, 4))
    model.unfold(("seq", 1))
    model.unfold(("seq", 2))

    model.replace(("seq", 1), posted(1, own=True))
    model.remove(("seq", 2))

    assert model.unfolded == {("seq", 1)}


def test_authors_have_their_colors_in_the_order_of_the_log() -> None:
    names = ["ben", "ada", "cleo"]

    expected = AuthorColors()

    model = LogModel([MessageRow(("seq", n), name, "hi", NOON) for n, name in enumerate(names)])

    in_order = [expected.part(name) for name in names]
    assert [model.authors.part(name) for name in reversed(names)] == in_order[::-1]


def test_what_arrives_below_a_reader_is_counted_until_they_follow_again() -> None:
    model = LogModel(run(1, 5))
    model.append(run(5, 7))
    assert model.new_below == 0

    model.stay(Place(("seq", 2)))
    model.append([TODAY, posted(7), posted(8, own=True)])
    model.insert(("seq", 8), [posted(9)])
    assert model.new_below == 2
    model.extend(run(20, 30))
    assert model.new_below == 2, "a page that was asked for is no news"

    model.follow_end()
    assert (model.follow, model.place, model.new_below) == (True, None, 0)


def test_a_reader_whose_row_is_replaced_stays_with_what_replaces_it() -> None:
    model = LogModel(run(1, 5))
    model.stay(Place(("seq", 2), offset=7, above=1))

    model.replace(("seq", 2), posted(200))

    assert model.place == Place(("seq", 200), offset=7, above=1)


def test_a_reader_whose_row_is_removed_goes_to_the_next() -> None:
    model = LogModel(run(1, 4))
    model.stay(Place(("seq", 2)))

    model.remove(("seq", 2))
    assert model.place == Place(("seq", 3), ROW_START, 0)
    model.remove(("seq", 3))
    assert model.place == Place(("seq", 1))
    model.remove(("seq", 1))
    assert model.follow


def test_a_reader_at_a_gap_stays_with_what_is_below_it_when_it_is_filled() -> None:
    model = LogModel([GapRow(("gap",)), *run(10, 12)])
    model.stay(Place(("gap",)))

    model.replace(("gap",), *run(5, 10))

    assert model.place == Place(("seq", 10))


def test_starting_over_keeps_a_reader_whose_row_is_still_there() -> None:
    model = LogModel(run(1, 11))
    model.stay(Place(("seq", 9), 3, 2))

    model.start_over(run(8, 20), more_above=True)

    check(model, run(8, 20))
    assert model.place == Place(("seq", 9), 3, 2)
    assert model.more_above


def test_the_newest_message_is_found_behind_other_rows() -> None:
    assert LogModel([posted(1), TODAY, GapRow(("gap",))]).last_message() == posted(1)
    assert LogModel([TODAY]).last_message() is None


edits = st.lists(
    st.tuples(
        st.sampled_from(["append", "prepend", "insert", "replace", "remove"]), st.integers(0)
    ),
    max_size=40,
)


@given(edits)
def test_keys_find_their_rows_after_any_edits(edits: list[tuple[str, int]]) -> None:
    model, expected = LogModel(run(0, 5)), run(0, 5)
    for step, (edit, number) in enumerate(edits):
        new = run(1000 + 10 * step, 1000 + 10 * step + number % 4)
        at = number % len(expected) if expected else 0
        if edit == "append" or not expected:
            model.append(new)
            expected += new
        elif edit == "prepend":
            model.prepend(new)
            expected = new + expected
        else:
            removed = edit != "insert"
            new = [] if edit == "remove" else new
            apply(model, edit, expected[at], new)
            expected[at : at + removed] = new
        check(model, expected)


def apply(model: LogModel, edit: str, row: Row, new: list[Row]) -> None:
    if edit == "insert":
        model.insert(row.key, new)
    else:
        model.replace(row.key, *new)


@given(st.integers(2, 60), st.data())
def test_rows_outside_an_edit_and_nearer_the_far_end_keep_their_ordinals(
    size: int, data: st.DataObject
) -> None:
    model = LogModel(run(0, size))
    at = data.draw(st.integers(0, size - 1))
    before = {row.key: model.ordinal(n) for n, row in enumerate(model.rows)}

    model.insert(("seq", at), run(1000, 1003))

    kept = range(at, size) if at < size - at else range(at)
    for seq in kept:
        assert model.ordinal(model.index(("seq", seq))) == before["seq", seq]
