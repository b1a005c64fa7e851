"""The heights of many rows, and which row is at a given line.

Heights are kept in chunks of a few hundred. The first line of each chunk is computed on
demand, and only from the first change on, so that adding a row to 100,000 costs no more
than adding it to ten.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

# A step within a chunk costs as many additions as it has rows, a step over
# all chunks as many as there are chunks: near the square root of 100,000.
CHUNK = 256


class HeightIndex:
    """Row heights in lines, each at least one."""

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._chunks: list[list[int]] = [[]]
        self._sums: list[int] = [0]
        # Where each chunk starts, in rows and in lines; as many as are known.
        self._rows: list[int] = [0]
        self._tops: list[int] = [0]
        self.splice(0, 0, list(heights))

    def __len__(self) -> int:
        self._know_all()
        return self._rows[-1] + len(self._chunks[-1])

    @property
    def total(self) -> int:
        """All lines together."""
        self._know_all()
        return self._tops[-1] + self._sums[-1]

    def __getitem__(self, row: int) -> int:
        chunk, offset = self._locate(row)
        return self._chunks[chunk][offset]

    def __setitem__(self, row: int, height: int) -> None:
        chunk, offset = self._locate(row)
        self._sums[chunk] += height - self._chunks[chunk][offset]
        self._chunks[chunk][offset] = height
        self._forget_after(chunk)

    def top(self, row: int) -> int:
        """Return the lines above `row`, which may be one past the last."""
        chunk, offset = self._locate(row)
        return self._tops[chunk] + sum(self._chunks[chunk][:offset])

    def find(self, line: int) -> tuple[int, int]:
        """Return the row that covers `line`, and how far into the row that is.

        Raises IndexError outside the log.
        """
        if not 0 <= line < self.total:
            raise IndexError(f"line {line} of {self.total}")
        chunk = bisect_right(self._tops, line) - 1
        inside = line - self._tops[chunk]
        ends = list(accumulate(self._chunks[chunk]))
        offset = bisect_right(ends, inside)
        start = ends[offset - 1] if offset else 0
        return self._rows[chunk] + offset, inside - start

    def splice(self, row: int, removed: int, heights: Sequence[int]) -> None:
        """Let `heights` take the place of `removed` rows from `row` on."""
        first, start = self._locate(row)
        last, end = self._locate(row + removed)
        merged = [*self._chunks[first][:start], *heights, *self._chunks[last][end:]]
        self._chunks[first : last + 1] = _cut(merged)
        self._sums[first : last + 1] = map(sum, _cut(merged))
        if not self._chunks:
            self._chunks, self._sums = [[]], [0]
        self._forget_after(max(0, first - 1))

    def _locate(self, row: int) -> tuple[int, int]:
        self._know_all()
        chunk = bisect_right(self._rows, row) - 1
        return chunk, row - self._rows[chunk]

    def _forget_after(self, chunk: int) -> None:
        del self._rows[chunk + 1 :], self._tops[chunk + 1 :]

    def _know_all(self) -> None:
        for chunk in range(len(self._rows) - 1, len(self._chunks) - 1):
            self._rows.append(self._rows[chunk] + len(self._chunks[chunk]))
            self._tops.append(self._tops[chunk] + self._sums[chunk])


def _cut(heights: list[int]) -> list[list[int]]:
    if len(heights) <= 2 * CHUNK:
        return [heights] if heights else []
    return [heights[start : start + CHUNK] for start in range(0, len(heights), CHUNK)]
