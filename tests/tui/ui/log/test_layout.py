"""Where rows are: exact near the view, the reader's line kept through every change."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st

from chat_tui.ui.log.layout import LogLayout
from chat_tui.ui.log.lines import Columns
from chat_tui.ui.log.log_model import LogModel
from chat_tui.ui.log.rows import GapRow, MessageRow, Row

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NARROW = Columns(40, aligned=False)
WIDE = Columns(120, aligned=True)


def posted(seq: int, text: str = "hello", author: str = "ada") -> MessageRow:
    return MessageRow(("seq", seq), author, text, NOON + timedelta(minutes=seq))


def wordy(seq: int) -> MessageRow:
    """A message whose height no estimate gets right at 40 columns."""
    return posted(seq, "unbelievable considerations " * (seq % 5 + 1), f"author{seq % 7}")


def laid_out(model: LogModel, columns: Columns = NARROW) -> LogLayout:
    layout = LogLayout(model, columns, UTC)
    model.on_change = layout.splice
    return layout


def test_settled_rows_are_as_high_as_they_are_drawn() -> None:
    model = LogModel(wordy(seq) for seq in range(50))
    layout = laid_out(model)

    layout.settle(20, above=10_000, below=10_000)

    for index in range(50):
        height = layout.top(index + 1) - layout.top(index)
        assert height == len(layout.block(index).lines)


def test_rows_far_from_the_view_are_not_wrapped() -> None:
    model = LogModel(wordy(seq) for seq in range(500))
    layout = laid_out(model)
    guessed = layout.top(400)

    layout.settle(450, above=40, below=40)

    assert layout.top(400) == guessed


def test_the_row_below_loses_its_header_to_one_by_the_same_author() -> None:
    model = LogModel([posted(9)])
    layout = laid_out(model)
    assert len(layout.block(0).lines) == 2

    model.prepend([posted(8)])

    assert [len(layout.block(n).lines) for n in (0, 1)] == [2, 1]
    assert layout.total == 3


def test_an_unchanged_row_is_laid_out_once() -> None:
    model = LogModel([posted(1), posted(2)])
    layout = laid_out(model)
    block = layout.block(1)

    model.append([posted(3)])
    assert layout.block(1) is block
    model.replace(("seq", 2), posted(2, "edited"))
    assert layout.block(1) is not block


def test_a_view_that_follows_ends_with_the_log() -> None:
    model = LogModel(wordy(seq) for seq in range(80))
    layout = laid_out(model)

    start = layout.view_start(20)

    assert start == layout.total - 20
    exact = sum(len(layout.block(n).lines) for n in range(layout.find(start)[0], 80))
    assert layout.total - layout.top(layout.find(start)[0]) == exact


def test_the_place_is_the_first_message_when_the_top_line_is_none() -> None:
    model = LogModel([GapRow(("gap",)), *(posted(seq, author=str(seq)) for seq in range(9))])
    layout = laid_out(model)

    place = layout.place_at(0, 10)

    assert (place.key, place.above) == (("seq", 0), 1)
    assert layout.line_of(place) == 0


def reader_at(model: LogModel, layout: LogLayout, line: int, height: int) -> tuple[Row, str]:
    """What the reader's line shows: the row, and the text from there on."""
    index, inside = layout.find(line)
    block = layout.block(index)
    inside = min(inside, len(block.lines) - 1)
    return block.row, block.body[max(0, block.lines[inside].start) :]


changes = st.lists(
    st.tuples(
        st.sampled_from(["prepend", "append", "replace", "remove", "insert"]), st.integers(0, 999)
    ),
    max_size=12,
)


@given(st.integers(0, 10_000), changes)
def test_the_reader_keeps_the_line_whatever_changes_around_it(
    at: int, changes: list[tuple[str, int]]
) -> None:
    height = 15
    model = LogModel(wordy(seq) for seq in range(100, 160))
    layout = laid_out(model)
    model.stay(layout.place_at(at % (layout.total - height), height))
    line = layout.view_start(height)
    model.stay(layout.place_at(line, height))
    row, text = reader_at(model, layout, layout.view_start(height), height)

    for step, (change, number) in enumerate(changes):
        alter(model, change, number, 1000 * (step + 1), spare=row)

    assert reader_at(model, layout, layout.view_start(height), height) == (row, text)


def alter(model: LogModel, change: str, number: int, seq: int, spare: Row) -> None:
    new = [wordy(seq + n) for n in range(number % 5 + 1)]
    victim = model[number % len(model)]
    if change == "prepend":
        model.prepend(new)
    elif change == "append":
        model.append(new)
    elif change == "insert":
        model.insert(victim.key, [posted(seq + n, "x y", f"other{n}") for n in range(3)])
    elif victim is not spare and change == "remove":
        model.remove(victim.key)
    elif victim is not spare:
        model.replace(victim.key, *new)


@given(st.integers(0, 10_000))
def test_the_text_at_the_top_stays_in_the_top_line_when_the_width_changes(at: int) -> None:
    height = 15
    model = LogModel(wordy(seq) for seq in range(60))
    layout = laid_out(model)
    model.stay(layout.place_at(at % (layout.total - height), height))
    place = model.place
    assert place is not None

    wide = LogLayout(model, WIDE, UTC)
    index, inside = wide.find(wide.view_start(height))
    line = wide.block(index).lines[inside]

    assert wide.block(index).row.key == place.key
    assert line.start <= max(0, place.offset) <= line.start + max(1, len(line.text))


def test_the_layout_follows_a_change_of_any_kind() -> None:
    model = LogModel()
    layout = laid_out(model)
    model.append([posted(1), posted(2, author="linus")])
    model.append([])
    model.replace(("seq", 1), posted(5, "a\nb\nc"))
    model.remove(("seq", 2))

    layout.settle(0, 0, 100)
    assert layout.total == 4


_CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["append", "prepend", "replace", "remove", "unfold"]),
        st.integers(0, 99),
    ),
    max_size=20,
)


@given(_CHANGES)
def test_whatever_changes_the_end_is_as_high_as_it_is_drawn(changes: list[tuple[str, int]]) -> None:
    model = LogModel(wordy(seq) for seq in range(1_000, 1_012))
    layout = laid_out(model)
    for number, (change, at) in enumerate(changes):
        key = model[at % len(model)].key if len(model) else ()
        match change:
            case "append":
                model.append([wordy(2_000 + number)])
            case "prepend":
                model.prepend([wordy(900 - number)])
            case "replace" if key:
                model.replace(key, replace(wordy(at), key=key))
            case "remove" if key:
                model.remove(key)
            case "unfold" if key:
                model.unfold(key)
        layout.view_start(10)

        shown = list(layout.lines_from(max(0, layout.total - 10))) if len(model) else []
        assert shown == [
            layout.find(line) for line in range(layout.total - len(shown), layout.total)
        ]
        for index in {index for index, _ in shown}:
            height = layout.top(index + 1) - layout.top(index)
            assert height == len(layout.block(index).lines)
