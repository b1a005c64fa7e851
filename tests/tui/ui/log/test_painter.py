"""Laid-out lines as segments: their looks, their links, and what the mouse is told."""

import re
from datetime import UTC, datetime

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.strip import Strip

from chat_tui.model.draft import Quote
from chat_tui.ui.log.block import lay_out
from chat_tui.ui.log.lines import Block, Columns, Shape
from chat_tui.ui.log.painter import CURSOR, NO_FILTERS, Filters, Paint, Painter, paint
from chat_tui.ui.log.rows import MessageRow

AT = datetime(2026, 11, 22, 9, 12, tzinfo=UTC)
SHAPE = Shape(Columns(40, aligned=False), continued=True, zone=UTC)
STYLES = {
    "bold": Style(bold=True),
    "link": Style(underline=True),
    "selection": Style(reverse=True),
    "cursor": Style(bgcolor="blue"),
    "mentioned": Style(bgcolor="red"),
}
URL = "https://example.org/" + "a" * 60


def block_of(text: str, *, mention: bool = False) -> Block:
    return lay_out(MessageRow(("seq", 1), "ada", text, AT, mention=mention), SHAPE)


def style(part: str) -> Style:
    return STYLES.get(part, Style())


def texts(strip: Strip, attribute: str) -> str:
    return "".join(s.text for s in strip if s.style is not None and getattr(s.style, attribute))


def looks(strip: Strip) -> list[tuple[str, str]]:
    """Return each character with how it looks."""
    return [(character, str(s.style)) for s in strip for character in s.text]


def test_every_piece_has_its_look() -> None:
    strip = paint(block_of("one **two** three"), 0, 0, 40, style)

    assert strip.text.rstrip() == "  one two three"
    assert texts(strip, "bold") == "two"


def test_a_look_goes_on_in_the_next_row() -> None:
    block = block_of("**" + "word " * 12 + "end**")

    assert texts(paint(block, 1, 0, 40, style), "bold").endswith("end")


def test_what_is_selected_keeps_its_look() -> None:
    strip = paint(block_of("one **two** three"), 0, 0, 40, style, Paint((2, 6)))

    assert texts(strip, "reverse") == "e tw"
    assert texts(strip, "bold") == "two"


def test_a_link_is_one_link_over_all_its_rows() -> None:
    block = block_of(f"see {URL} there")
    sent = "".join(
        paint(block, number, 5, 40, style).render(Console(color_system="truecolor"))
        for number in range(len(block.lines))
    )
    opened = re.findall(r"\x1b]8;id=([^;]+);([^\x1b]+)\x1b\\", sent)

    assert len(block.lines) > 2
    assert {address for _, address in opened} == {URL}
    assert len({id_ for id_, _ in opened}) == 1


def test_the_words_of_a_link_and_its_host_are_one_link() -> None:
    strip = paint(block_of("[here](https://e.org/x)"), 0, 0, 40, style)

    assert texts(strip, "link") == "here (e.org)"


def test_a_link_longer_than_terminals_take_is_drawn_without() -> None:
    strip = paint(block_of("https://e.org/" + "a" * 5_000), 0, 0, 40, style)

    assert texts(strip, "link") == ""
    assert texts(strip, "underline") != ""


def test_nothing_that_was_written_ends_a_link_early() -> None:
    (line,) = [paint(block_of("https://e.org/\x1b\\x\x9c;é"), 0, 0, 60, style)]

    assert {s.style.link for s in line if s.style and s.style.link} <= {
        "https://e.org/%E2%90%9B%5Cx%EF%BF%BD;%C3%A9"
    }


def test_every_character_says_where_it_is() -> None:
    strip = paint(block_of("one **two** three"), 0, 9, 40, style, Paint(points=True))
    offsets = [(s.text, s.style.meta["offset"]) for s in strip if s.style and s.style.meta]

    assert ("two", (4, 9)) in offsets


def test_what_is_drawn_looks_the_same_in_few_segments() -> None:
    block = block_of("one **two** three " * 5)
    for number in range(len(block.lines)):
        drawn = paint(block, number, 9, 40, style)
        asked = paint(block, number, 9, 40, style, Paint(points=True))

        assert not any(s.style.meta for s in drawn if s.style)
        assert looks(drawn) == looks(asked)
        assert len(list(drawn)) < len(list(asked))


def test_what_is_answered_means_the_beginning_of_the_text() -> None:
    row = MessageRow(("seq", 1), "ada", "yes", AT, quote=Quote(1, "ben", "well?"))
    strip = paint(lay_out(row, SHAPE), 0, 9, 40, style, Paint(points=True))

    assert any(s.style.meta for s in strip if s.style)
    assert all(s.style.meta["offset"][0] < 0 for s in strip if s.style and s.style.meta)


def test_the_picked_message_is_marked_by_more_than_a_colour() -> None:
    painter, block = Painter(style), block_of("one\ntwo", mention=True)
    first, second = (painter.strip(block, n, 0, 40, Paint(cursor=True)) for n in (0, 1))

    assert first.text.startswith(CURSOR)
    assert not second.text.startswith(CURSOR)
    assert {s.style.bgcolor for s in first if s.style} == {Style(bgcolor="blue").bgcolor}


def test_a_style_is_found_out_once_until_it_changes() -> None:
    asked: list[str] = []

    def find(part: str) -> Style:
        asked.append(part)
        return STYLES.get(part, Style())

    painter = Painter(find)
    assert painter.style("bold") == painter.style("bold") == STYLES["bold"]
    assert asked == ["bold"]

    painter.forget()
    painter.style("bold")
    assert asked == ["bold", "bold"]


class Capitals(LineFilter):
    """Shows capital letters."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [Segment(text.upper(), style) for text, style, _ in segments]


def test_what_a_terminal_needs_changed_is_changed_but_not_where_the_mouse_asks() -> None:
    filters, block = Filters([Capitals()]), block_of("one")
    asked = [filters, NO_FILTERS]
    painter = Painter(style, lambda: asked.pop(0))

    assert painter.strip(block, 0, 0, 40).text.strip() == "ONE"
    assert painter.strip(block, 0, 0, 40, Paint(points=True)).text.strip() == "one"
    assert len(painter.blank(40).text) == 40

    painter.forget()
    assert painter.strip(block, 0, 0, 40).text.strip() == "one"
