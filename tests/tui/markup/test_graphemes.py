"""The cursor goes from one character to the next as a reader sees them."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from chat_tui.markup.graphemes import boundaries


@pytest.mark.parametrize(
    "parts",
    [
        ["a", "b"],
        ["👩\u200d💻", "☀\ufe0f", "a"],
        ["🇦🇺", "🇩🇪", "🇫"],
        ["a", "🇦🇺", "b", "c", "🇩🇪", "d", "🇫"],
        ["👍🏽", "👍"],
        ["👨\u200d👩\u200d👧\u200d👦", "x"],
        ["❤\ufe0f\u200d🔥"],
        ["🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "x"],
        ["e\u0301\u0323", "e"],
        ["1\ufe0f\u20e3", "2"],
        ["\u1112\u1161\u11ab", "\u1100\u1173\u11af", "한", "국"],
        ["\u1100\u1100\uac00\u11a8\u11a8", "\uac00\u1161\u1161\u11a8"],
        ["가", "\u1100", "a", "\u11a8", "b", "\u1161", "c", "한"],
        ["नि", "न", "हा"],
        ["a\u200d", "b"],
        ["\n", "\u0301"],
    ],
)
def test_each_part_is_one_character(parts: list[str]) -> None:
    ends = boundaries("".join(parts))

    assert ["".join(parts)[since:to] for since, to in pairwise(ends)] == parts


@given(st.text())
def test_the_boundaries_are_in_order_and_include_both_ends(text: str) -> None:
    ends = boundaries(text)

    assert ends == sorted(set(ends))
    assert (ends[0], ends[-1]) == (0, len(text))


@pytest.mark.parametrize("text", ["🇦", "\u200d", "a\u0301", "👩\u200d", "\u1100"])
def test_no_text_takes_more_than_a_moment(text: str) -> None:
    started = time.thread_time()
    boundaries(text * 80_000)

    assert time.thread_time() - started < 2
