"""The cost of parsing others' text: `cd tests && ../.venv/bin/python -m benchmarks.parsers`.

Every text is as long as a message may be and meant to take long. Prints, for each, the CPU time of
one pass and the factor when the text is three times as long: 3 where the cost is linear, 9 where it
is quadratic. The three passes of each length take turns, and the best counts.
"""

import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from chat_shared.limits import MAX_TEXT
from chat_shared.mentions import possible_names
from chat_tui.markup.graphemes import boundaries
from chat_tui.markup.inline import pieces
from chat_tui.markup.message_text import read_text
from support.hostile_texts import MARKUP, MENTIONS

PASSES = 3
LONGER = 3


class Row(NamedTuple):
    """What one text costs a parser."""

    parser: str
    text: str
    milliseconds: float
    factor: float


PARSERS: dict[str, tuple[Callable[[str], object], dict[str, str]]] = {
    "mentions": (possible_names, MENTIONS),
    "markup of a line": (pieces, MARKUP),
    "markup of a message": (read_text.__wrapped__, MENTIONS | MARKUP),  # without its cache
    "characters": (boundaries, MENTIONS),
}


def seconds(parse: Callable[[str], object], text: str) -> float:
    started = time.thread_time()
    parse(text)
    return time.thread_time() - started


def rows(passes: int = PASSES) -> Iterator[Row]:
    for parser, (parse, texts) in PARSERS.items():
        for name, text in texts.items():
            once, longer = text[:MAX_TEXT], text[:MAX_TEXT] * LONGER
            times = [(seconds(parse, once), seconds(parse, longer)) for _ in range(passes)]
            short, long = map(min, zip(*times, strict=True))
            yield Row(parser, name, short * 1_000, long / short)


def main() -> None:
    for row in rows():
        sys.stdout.write(
            f"{row.parser:20} {row.text:42} {row.milliseconds:7.2f} ms  x {row.factor:.1f}\n"
        )


if __name__ == "__main__":
    main()
