"""Breaking text into rows of cells."""

import pytest
from hypothesis import given, strategies as st
from rich.cells import cell_len, split_graphemes

from chat_tui.ui.log.wrapping import estimate_rows, wrap


def rows(text: str, width: int) -> list[str]:
    return [text[start:end] for start, end in wrap(text, width)]


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("", 5, [""]),
        ("one two three", 7, ["one two", "three"]),
        ("one  two", 4, ["one", "two"]),
        ("a\n\nb", 5, ["a", "", "b"]),
        ("  indented code", 10, ["  indented", "code"]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("see abcdefgh", 6, ["see ab", "cdefgh"]),
        ("日本語文", 5, ["日本", "語文"]),
        ("ab👩‍👩‍👧cd", 3, ["ab", "👩‍👩‍👧c", "d"]),
        ("\u200d\u200daaa", 2, ["\u200d\u200daa", "a"]),
        ("e\u0301e\u0301e\u0301", 2, ["e\u0301e\u0301", "e\u0301"]),
    ],
)
def test_rows_break_where_a_reader_would_break_them(
    text: str, width: int, expected: list[str]
) -> None:
    assert rows(text, width) == expected


texts = st.text(st.sampled_from("ab \n日é\u0301👩\u200d❤\ufe0f-"), max_size=80)


@given(texts, st.integers(1, 20))
def test_no_row_is_too_wide_and_nothing_but_white_space_is_left_out(text: str, width: int) -> None:
    spans = wrap(text, width)
    for start, end in spans:
        row = text[start:end]
        graphemes = (row[begin:stop] for begin, stop, _ in split_graphemes(row)[0])
        visible = [grapheme for grapheme in graphemes if cell_len(grapheme)]
        assert cell_len(row) <= width or len(visible) == 1
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    assert all(text[end:start].strip() == "" for end, start in zip(ends, starts, strict=True))
    assert starts[:-1] == sorted(set(starts[:-1]))


@given(texts, st.integers(1, 20))
def test_a_text_that_fits_is_estimated_exactly(text: str, width: int) -> None:
    if text.isascii() and len(text) <= width:
        assert estimate_rows(text, width) == len(wrap(text, width))
