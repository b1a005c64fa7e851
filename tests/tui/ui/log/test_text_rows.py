"""A message's text on rows."""

import pytest
from hypothesis import given, strategies as st
from rich.cells import cell_len

from chat_tui.markup.message_text import read_text
from chat_tui.ui.log.text_rows import text_rows


def rows(text: str, width: int) -> list[str]:
    read = read_text(text)
    return [
        ("".join(run.text for run in row.lead) + read.body[row.start : row.end]).rstrip()
        for row in text_rows(read, width)
    ]


def test_words_are_wrapped() -> None:
    assert rows("one two three", 8) == ["one two", "three"]


def test_a_quote_keeps_its_bar() -> None:
    assert rows("> one two three four\nfive", 14) == ["▎ one two", "▎ three four", "five"]


def test_items_hang() -> None:
    assert rows("- one two three four\n10. one two three four", 16) == [
        *("• one two three", "  four"),
        *("10. one two", "    three four"),
    ]


def test_code_is_cut_where_the_row_ends_and_keeps_its_spaces() -> None:
    assert rows("```\nif  x:\n      return 12345\n```", 12) == [
        *("│ if  x:", "│       retu", "│ rn 12345"),
    ]


def test_on_a_narrow_screen_nothing_hangs() -> None:
    assert rows("- one two three", 8) == ["• one", "two", "three"]


@given(st.text(alphabet="ab *_~`>-1. \n字🍕", max_size=100), st.integers(2, 40))
def test_no_row_is_wider_than_it_may_be_and_every_line_begins_one(text: str, width: int) -> None:
    read = read_text(text)
    starts = [row.start for row in text_rows(read, width)]

    assert all(cell_len(row) <= width for row in rows(text, width))
    assert starts == sorted(set(starts))
    assert {line.start for line in read.lines} <= set(starts)


@pytest.mark.parametrize("width", [1, 2, 3])
def test_the_narrowest_screens_have_rows(width: int) -> None:
    assert rows("> a\n- b\n```\nc\n```", width)
