"""What in a text is code, a quote or an address: the same answer at both ends.

The client draws these parts, and nobody is mentioned in them. Knows no looks.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Final

FENCE: Final = re.compile(r" {0,3}(?P<run>`{3,}|~{3,}) *(?P<language>[\w+#.-]*) *")
QUOTE: Final = re.compile(r"(?:>++ )++|>++$")

# Letters of scripts that are written without spaces between words: Thai, Lao, Burmese,
# Khmer, Chinese, Japanese (and Korean, whose particles follow a name directly).
UNSPACED: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\uffef\U0001b000-\U0003ffff"

# Where an address or a mention may begin: not inside a word, and not after a backslash.
OUTSIDE_WORD: Final = rf"(?:(?<![\w\\])|(?<=[{UNSPACED}]))"

# Everything is possessive (`++`): a part that matched is never retried shorter.
CODE: Final = "`++"
ADDRESS: Final = r"(?:https?://|mailto:)"
# The punctuation of scripts without spaces, after which a sentence goes on at once.
_ENDS_ADDRESS: Final = r"\s<>\"`。，、！？；：「」『』【】《》〈〉｡､"
BARE_LINK: Final = rf"{OUTSIDE_WORD}{ADDRESS}[^{_ENDS_ADDRESS}]++"
TITLED_LINK: Final = (
    r"\[(?P<title>[^\[\]]{1,300}+)\]"
    rf"\((?P<address>{ADDRESS}[^\s()<>\"]*+(?:\([^\s()<>\"]*+\)[^\s()<>\"]*+)*+)\)"
)


def prose(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of `text` that are neither quotes nor blocks of code, with their offsets."""
    lines = text.split("\n")
    fences = Fences(lines)
    offset, end = 0, -1  # the last line of the block of code
    for at, line in enumerate(lines):
        if at > end and (closed := fences.block_end(at)) is not None:
            end = closed
        if at > end and not QUOTE.match(line):
            yield offset, line
        offset += len(line) + 1


class Fences:
    """The fences of blocks of code, and where each block ends."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._closing: dict[str, list[tuple[int, int]]] | None = None  # line and length, by sign
        self._hopeless: dict[str, int] = {}  # lengths that are never closed, not searched again

    def block_end(self, at: int) -> int | None:
        """Return the line that closes the block begun at line `at`, if there is code between."""
        fence = FENCE.fullmatch(self._lines[at])
        if fence is None:
            return None
        sign, length = fence["run"][0], len(fence["run"])
        if length >= self._hopeless.get(sign, length + 1):
            return None
        closing = self._closing_lines(sign)
        for end, closes in closing[bisect_left(closing, (at + 1, 0)) :]:
            if closes >= length:
                return end if end > at + 1 else None
        self._hopeless[sign] = length
        return None

    def _closing_lines(self, sign: str) -> list[tuple[int, int]]:
        if self._closing is None:
            self._closing = {"`": [], "~": []}
            for at, line in enumerate(self._lines):
                run = line.strip(" ")
                if len(run) >= 3 and run[0] in self._closing and not run.strip(run[0]):
                    self._closing[run[0]].append((at, len(run)))
        return self._closing[sign]


class Backticks:
    """The runs of backticks in a line, by their length."""

    def __init__(self, line: str) -> None:
        self._line = line
        self._starts: dict[int, list[int]] | None = None

    def closing(self, start: int, end: int) -> int | None:
        """Return where the code begun by the backticks from `start` to `end` ends, if it does."""
        if self._starts is None:
            self._starts = {}
            for run in re.finditer("`+", self._line):
                self._starts.setdefault(run.end() - run.start(), []).append(run.start())
        starts = self._starts[end - start]
        index = bisect_right(starts, end)
        return starts[index] if index < len(starts) else None
