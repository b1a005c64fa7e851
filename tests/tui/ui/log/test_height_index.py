"""The cumulative index of heights, held against adding everything up."""

import pytest
from hypothesis import given, strategies as st

from chat_tui.ui.log.height_index import CHUNK, HeightIndex

heights = st.lists(st.integers(1, 9), max_size=30)


def check(index: HeightIndex, expected: list[int]) -> None:
    assert len(index) == len(expected)
    assert index.total == sum(expected)
    assert [index[n] for n in range(len(expected))] == expected
    assert [index.top(n) for n in range(len(expected) + 1)] == [
        sum(expected[:n]) for n in range(len(expected) + 1)
    ]
    assert [index.find(line) for line in range(sum(expected))] == [
        (row, line) for row, height in enumerate(expected) for line in range(height)
    ]


@given(heights, st.lists(st.tuples(st.integers(0), st.integers(0, 9), heights), max_size=20))
def test_any_splices_give_what_adding_up_gives(
    start: list[int], splices: list[tuple[int, int, list[int]]]
) -> None:
    index, expected = HeightIndex(start), list(start)
    for row, removed, added in splices:
        row %= len(expected) + 1
        removed = min(removed, len(expected) - row)
        index.splice(row, removed, added)
        expected[row : row + removed] = added
    check(index, expected)


@given(st.data())
def test_splices_across_chunks_give_what_adding_up_gives(data: st.DataObject) -> None:
    expected = [1 + n % 3 for n in range(5 * CHUNK)]
    index = HeightIndex(expected)
    for _ in range(4):
        row = data.draw(st.integers(0, len(expected)))
        removed = data.draw(st.integers(0, len(expected) - row))
        added = [2] * data.draw(st.integers(0, 3 * CHUNK))
        index.splice(row, removed, added)
        expected[row : row + removed] = added
        changed = data.draw(st.integers(0, len(expected) - 1)) if expected else None
        if changed is not None:
            index[changed] = expected[changed] = 7
    assert index.total == sum(expected)
    for row in range(0, len(expected), 97):
        assert index.top(row) == sum(expected[:row])
        assert index.find(index.top(row)) == (row, 0)


def test_the_last_chunk_can_go_as_a_whole() -> None:
    index = HeightIndex([2] * 5 * CHUNK)
    index.splice(4 * CHUNK, CHUNK, [])
    check(index, [2] * 4 * CHUNK)


def test_lines_outside_the_log_are_refused() -> None:
    for line in (-1, 3):
        with pytest.raises(IndexError):
            HeightIndex([1, 2]).find(line)


def test_an_empty_index_has_no_lines() -> None:
    index = HeightIndex()
    assert (len(index), index.total, index.top(0)) == (0, 0, 0)
