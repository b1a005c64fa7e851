"""Rows as screen lines: what stands where, and that nothing dangerous does."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from rich.cells import cell_len

from chat_tui.ui.log.block import estimate_height, lay_out, text_of
from chat_tui.ui.log.lines import MAX_TEXT_WIDTH, Block, Columns, Line, Shape
from chat_tui.ui.log.message import FOLD_AT
from chat_tui.ui.log.rows import DayRow, GapRow, MessageRow, NoticeRow, Row, Status, UnreadRow

AT = datetime(2026, 11, 22, 9, 12, tzinfo=UTC)
STACKED = Shape(Columns(40, aligned=False), zone=UTC)
ALIGNED = Shape(Columns(120, aligned=True), zone=UTC)


def posted(
    text: str, *, mention: bool = False, status: Status = "sent", reason: str = ""
) -> MessageRow:
    return MessageRow(("seq", 1), "ada", text, AT, False, mention, status, reason)


def shown(block: Block) -> list[str]:
    return [words(line).rstrip() for line in block.lines]


def words(line: Line) -> str:
    return "".join([*(r.text for r in line.gutter), line.text, *(r.text for r in line.tail)])


def test_a_narrow_log_has_the_name_above_the_text() -> None:
    assert shown(lay_out(posted("Kettle is on."), STACKED)) == ["  ada  09:12", "  Kettle is on."]


def test_a_wide_log_has_the_name_beside_the_text() -> None:
    assert shown(lay_out(posted("Kettle is on."), ALIGNED)) == [
        "  ada            09:12  Kettle is on."
    ]


def test_a_blank_line_sets_the_message_of_another_author_apart() -> None:
    apart = Shape(STACKED.columns, apart=True, zone=UTC)
    block = lay_out(posted("Kettle is on.", mention=True), apart)

    assert shown(block) == ["", "▌ ada  09:12", "▌ Kettle is on."]
    assert [block.line_at(line.start) for line in block.lines] == [0, 1, 2]
    assert estimate_height(block.row, apart) == 3


def test_who_goes_on_talking_is_not_named_again() -> None:
    stacked = Shape(STACKED.columns, continued=True, zone=UTC)
    aligned = Shape(ALIGNED.columns, continued=True, zone=UTC)

    assert shown(lay_out(posted("And the cups?"), stacked)) == ["  And the cups?"]
    assert shown(lay_out(posted("And the cups?"), aligned)) == [
        "                 09:12  And the cups?"
    ]


def test_times_are_those_of_the_readers_zone() -> None:
    shape = Shape(STACKED.columns, zone=timezone(timedelta(hours=13)))

    assert shown(lay_out(posted("hi"), shape))[0] == "  ada  22:12"
    assert "new since 22:12" in shown(lay_out(UnreadRow(AT), shape))[0]
    earlier = lay_out(UnreadRow(AT, today=False), shape)
    assert f"new since {AT:%a} {AT.day} {AT:%b} 22:12" in shown(earlier)[0]


def test_text_never_grows_wider_than_can_be_read() -> None:
    block = lay_out(posted("word " * 60), Shape(Columns(250, aligned=True), zone=UTC))

    assert max(cell_len(line.text) for line in block.lines) <= MAX_TEXT_WIDTH
    assert len(block.lines) == 3


def test_a_queued_message_says_so_on_its_own_line_of_text() -> None:
    assert shown(lay_out(posted("on my way", status="queued"), STACKED))[1:] == [
        "  on my way  ○ queued"
    ]


def test_where_the_sign_does_not_fit_it_gets_a_line() -> None:
    assert shown(lay_out(posted("x" * 35, status="queued"), STACKED))[1:] == [
        "  " + "x" * 35,
        "  ○ queued",
    ]


def test_a_refused_message_says_why_and_its_text_stays() -> None:
    block = lay_out(posted("hello", status="refused", reason="you are sending too fast"), STACKED)

    assert shown(block) == ["  ada  09:12", "  hello", "  ✗ not sent: you are sending too fast"]
    assert block.body == "hello"


def test_a_mention_is_marked_on_every_line() -> None:
    block = lay_out(posted("one\ntwo", mention=True), STACKED)

    assert [line.gutter[0].text for line in block.lines] == ["▌", "▌", "▌"]


def test_a_flood_is_folded_and_can_be_unfolded() -> None:
    flood = posted("\n".join(f"line {n}" for n in range(2000)))

    folded = lay_out(flood, STACKED)
    assert shown(folded)[-1] == "  … 1,960 more lines"
    assert len(folded.lines) == 1 + FOLD_AT + 1
    assert folded.is_fold(len(folded.lines) - 1)
    assert not folded.is_fold(5)

    whole = lay_out(flood, Shape(STACKED.columns, unfolded=True, zone=UTC))
    assert len(whole.lines) == 2001


def test_a_fold_that_would_save_nothing_is_not_made() -> None:
    block = lay_out(posted("\n".join(["x"] * (FOLD_AT + 1))), STACKED)

    assert len(block.lines) == 1 + FOLD_AT + 1
    assert not block.is_fold(len(block.lines) - 1)


@pytest.mark.parametrize(
    "text", ["\x1b[2J", "\x9b31m", "a\u202eb", "\x1b]52;c;eA==\x07", "tab\there", "\x00\x7f"]
)
def test_nothing_that_acts_reaches_the_screen(text: str) -> None:
    rows: list[Row] = [
        MessageRow(("a",), text, text, AT, status="refused", reason=text),
        NoticeRow(("b",), text),
    ]
    for row in rows:
        drawn = "".join(words(line) for line in lay_out(row, STACKED).lines) + text_of(row).body
        assert drawn.isprintable()


def test_markup_is_text_like_any_other() -> None:
    assert shown(lay_out(posted("[/] [bold]x[/bold]"), STACKED))[1] == "  [/] [bold]x[/bold]"


def test_a_name_of_any_width_fits_its_column() -> None:
    for name in ("a-very-long-nickname-indeed", "名前がとても長いひと", "x" * 500):
        line = lay_out(MessageRow(("a",), name, "hi", AT), ALIGNED).lines[0]
        assert sum(cell_len(run.text) for run in line.gutter) == ALIGNED.columns.text_start
        assert "…" in line.gutter[2].text


@pytest.mark.parametrize("width", [1, 2, 5, 20, 40, 99])
def test_separators_fill_the_log_and_never_more(width: int) -> None:
    columns = Columns(width, aligned=False)
    for row in (DayRow(date(2026, 11, 22)), UnreadRow(), GapRow(("gap",), 12)):
        block = lay_out(row, Shape(columns, zone=UTC))
        assert cell_len(words(block.lines[0])) <= max(3, columns.used)
        assert block.body == ""


def test_a_day_is_written_out() -> None:
    assert " Sunday 22 November 2026 " in shown(lay_out(DayRow(date(2026, 11, 22)), STACKED))[0]


def test_the_start_of_lines_grows_so_that_each_can_be_found_again() -> None:
    row = posted("a few words\n\nmore words " * 9, status="refused", reason="because " * 20)
    block = lay_out(row, STACKED)
    starts = [line.start for line in block.lines]

    assert starts == sorted(set(starts))
    assert [block.line_at(start) for start in starts] == list(range(len(starts)))


@pytest.mark.parametrize("shape", [STACKED, ALIGNED])
def test_short_rows_are_estimated_exactly(shape: Shape) -> None:
    rows: list[Row] = [
        posted("short"),
        posted("one\ntwo"),
        posted("no", status="refused", reason="why"),
        NoticeRow(("n",), "bob left"),
        DayRow(date(2026, 11, 22)),
        posted("\n".join("x" * 2000)),
    ]
    for row in rows:
        assert estimate_height(row, shape) == len(lay_out(row, shape).lines)
