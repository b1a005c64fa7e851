"""A message as screen lines: what it answers, what it says, what was done to it."""

from dataclasses import replace
from datetime import UTC, datetime

from rich.cells import cell_len

from chat_shared.messages import File, Reaction
from chat_tui.model.draft import Quote
from chat_tui.ui.log.block import lay_out
from chat_tui.ui.log.lines import Block, Columns, Line, Shape
from chat_tui.ui.log.log_model import ROW_START
from chat_tui.ui.log.message import FOLD_AT, estimate_message
from chat_tui.ui.log.rows import MessageRow

AT = datetime(2026, 11, 22, 9, 12, tzinfo=UTC)
STACKED = Shape(Columns(40, aligned=False), zone=UTC)
ALIGNED = Shape(Columns(120, aligned=True), zone=UTC)
ROW = MessageRow(("seq", 7), "ada", "So do I.", AT)
ANSWER = replace(ROW, quote=Quote(3, "ben", "I like **soup**.\nA lot."))


def shown(block: Block) -> list[str]:
    return [words(line).rstrip() for line in block.lines]


def words(line: Line) -> str:
    return "".join([*(r.text for r in line.gutter), line.text, *(r.text for r in line.tail)])


def test_a_reply_says_whom_and_what_it_answers() -> None:
    assert shown(lay_out(ANSWER, STACKED)) == [
        *("  ada  09:12", "  ↳ ben: I like soup.", "  So do I."),
    ]
    assert shown(lay_out(ANSWER, ALIGNED)) == [
        "  ada            09:12  ↳ ben: I like soup.",
        "                        So do I.",
    ]


def test_what_is_answered_takes_one_line() -> None:
    long = replace(ROW, quote=Quote(3, "ben", "soup " * 500))
    (_, line, _) = shown(lay_out(long, STACKED))

    assert cell_len(line) <= 40
    assert line.endswith("…")


def test_an_answer_to_what_is_not_known_says_so() -> None:
    assert shown(lay_out(replace(ROW, quote=Quote(1234)), STACKED))[1] == "  ↳ message 1,234"
    deleted = replace(ROW, quote=Quote(3, "ben", ""))
    assert shown(lay_out(deleted, STACKED))[1] == "  ↳ ben: message deleted"


def test_what_is_answered_is_known_from_the_text() -> None:
    block = lay_out(ANSWER, STACKED)

    assert [block.is_quote(number) for number in range(3)] == [False, True, False]
    assert block.body == "So do I."


def test_a_place_above_the_text_is_found_again() -> None:
    block = lay_out(ANSWER, STACKED)

    assert [block.line_at(line.start) for line in block.lines] == [0, 1, 2]
    assert block.line_at(ROW_START) == 0
    assert lay_out(ANSWER, ALIGNED).line_at(ROW_START) == 0


def test_an_edited_message_says_so_behind_its_text() -> None:
    assert shown(lay_out(replace(ROW, edited=True), STACKED))[1:] == ["  So do I.  (edited)"]
    full = replace(ROW, text="x" * 35, edited=True)
    assert shown(lay_out(full, STACKED))[1:] == ["  " + "x" * 35, "  (edited)"]


def test_a_deleted_message_leaves_a_sign_and_nothing_to_copy() -> None:
    row = replace(ANSWER, text="", deleted=True, reactions=(Reaction("🍞", 1, ["ben"]),))
    block = lay_out(row, STACKED)

    assert shown(block) == ["  ada  09:12", "  message deleted"]
    assert block.body == ""
    assert estimate_message(row, STACKED) == 2


def test_reactions_stand_below_with_your_own_marked() -> None:
    reactions = (Reaction("👍", 1_200, ["ada"], True), Reaction("🍞", 1, ["ben"]))
    block = lay_out(replace(ROW, reactions=reactions), STACKED)

    assert shown(block)[-1] == "  👍 1,200 · 🍞 1"
    assert [run.part for run in block.lines[-1].tail] == ["reaction-own", "reaction", "reaction"]


def test_every_cell_of_a_reaction_says_which_it_is() -> None:
    reactions = (Reaction("👍", 1_200, ["ada"], True), Reaction("🍞", 1, ["ben"]))
    block = lay_out(replace(ROW, reactions=reactions), STACKED)
    last = len(block.lines) - 1

    posted = [block.reaction_at(last, cell) for cell in range(20)]
    assert posted == [*[""] * 2, *["👍"] * 8, *[""] * 3, *["🍞"] * 4, *[""] * 3]
    assert block.reaction_at(last - 1, 3) == ""


def test_many_reactions_take_more_lines() -> None:
    reactions = tuple(Reaction("👍", 10**n, ["ada"]) for n in range(9))
    lines = shown(lay_out(replace(ROW, reactions=reactions), STACKED))

    assert len(lines) > 3
    assert all(cell_len(line) <= 40 for line in lines)


def test_a_reaction_cannot_act_on_the_terminal() -> None:
    row = replace(ROW, reactions=(Reaction("\x1b[2J\n", 1, ["ben"]),))

    assert shown(lay_out(row, STACKED))[-1] == "  ␛[2J  1"


def test_lines_are_told_apart_by_where_they_start() -> None:
    row = replace(
        ANSWER, text="- a\n- b", edited=True, status="refused", reason="no " * 40,
        reactions=tuple(Reaction("👍", 10**n, ["ada"]) for n in range(9)),
    )  # fmt: skip
    starts = [line.start for line in lay_out(row, STACKED).lines]

    assert starts == sorted(set(starts))


def test_code_is_folded_as_everything_that_is_long() -> None:
    code = replace(ROW, text="```\n" + "x\n" * 200 + "```")
    lines = shown(lay_out(code, STACKED))

    assert len(lines) == 1 + FOLD_AT + 1
    assert lines[1] == "  │ x"
    assert lines[-1] == "  … 160 more lines"


FILES = (File(1, "report.pdf", 1_234_567), File(2, "photo.png", 340_000, "image/png"))


def test_files_stand_below_the_text_with_their_sizes() -> None:
    row = replace(ANSWER, files=FILES, edited=True)
    block = lay_out(row, STACKED)

    assert shown(block) == [
        *("  ada  09:12", "  ↳ ben: I like soup.", "  So do I."),
        *("  📄 report.pdf  1.2 MB", "  📄 photo.png  340 kB  (edited)"),
    ]
    assert len(block.lines) == estimate_message(row, STACKED)
    assert block.body == "So do I."


def test_without_a_text_the_first_file_stands_in_its_place() -> None:
    row = replace(ROW, text="", files=FILES)

    assert shown(lay_out(row, ALIGNED)) == [
        "  ada            09:12  📄 report.pdf  1.2 MB",
        "                        📄 photo.png  340 kB",
    ]
    answer = replace(row, quote=ANSWER.quote)
    assert shown(lay_out(answer, STACKED))[1:3] == [
        *("  ↳ ben: I like soup.", "  📄 report.pdf  1.2 MB"),
    ]
    assert len(lay_out(row, STACKED).lines) == estimate_message(row, STACKED)


def test_the_name_of_a_file_takes_one_line_and_leaves_its_size_in_view() -> None:
    hostile = File(1, "\x1b[2J\u202e" + "report" * 80 + ".pdf", 12)
    (_, line) = lay_out(replace(ROW, text="", files=(hostile,)), STACKED).lines

    assert cell_len(words(line)) <= 40
    assert words(line).endswith("…  12 bytes")
    assert not set(words(line)) & set("\x1b\u202e")


def test_a_deleted_message_has_no_files() -> None:
    row = replace(ROW, text="", deleted=True, files=FILES)

    assert shown(lay_out(row, STACKED)) == ["  ada  09:12", "  message deleted"]
    assert estimate_message(row, STACKED) == 2
