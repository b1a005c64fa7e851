"""Draws emoji so that a terminal multiplexer and the client agree on how wide they are.

tmux (3.3a and before) and screen take a sign for one cell wide whose variation selector makes
it an emoji of two, as ❤️ and 1️⃣, and draw skin tones beside the hand: everything behind them
in the row would be shifted. Only what is drawn changes, not what is copied or sent.

Spacing vowel signs, as in हिन्दी, are not steadied: some builds of tmux give them a cell of their
own and others, with utf8proc, do not, and nothing that a program can ask tells which it is. To
draw them in fewer cells than they need would make words unreadable.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from rich.cells import cell_len, split_graphemes
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_EMOJI: Final = "\ufe0f"  # variation selector 16
_KEYCAP: Final = "\u20e3"
_TONES: Final = frozenset("🏻🏼🏽🏾🏿")
_DIFFERING: Final = frozenset((_EMOJI, *_TONES))


def is_needed(environment: Mapping[str, str]) -> bool:
    """Return whether the client runs in tmux or screen."""
    return bool(environment.get("TMUX")) or environment.get("TERM", "").startswith(
        ("tmux", "screen")
    )


class SteadyEmoji(LineFilter):
    """Replaces emoji of disputed width by signs of the same width that is not."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            Segment(steady(text), style, control) if not text.isascii() else segment
            for segment in segments
            for text, style, control in [segment]
        ]


def steady(text: str) -> str:
    """Return `text` with as many cells as before, and no doubt about them."""
    if _DIFFERING.isdisjoint(text):
        return text
    return "".join(_characters(text))


def _characters(text: str) -> Iterator[str]:
    spans, _ = split_graphemes(text)
    for start, end, width in spans:
        cluster = text[start:end]
        if _DIFFERING.isdisjoint(cluster):
            yield cluster
        elif width == 2 and cell_len(cluster[0]) == 1:
            yield f"{cluster[0]}{_KEYCAP if _KEYCAP in cluster else ''} "
        else:
            yield "".join(char for char in cluster if char not in _DIFFERING)
