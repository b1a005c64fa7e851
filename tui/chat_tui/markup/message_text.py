"""Parses a message into the text as it is displayed, with spans for its markup.

Quotes (`> `), lists (`- `, `* `, `1. `) and fenced code are kinds of lines; everything
else is parsed by `inline`. Marks without a meaning stay in the text. Knows no widths and
no colours.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from chat_shared.markup import FENCE, QUOTE, Fences
from chat_shared.text import clean
from chat_tui.markup.highlighting import words
from chat_tui.markup.inline import Piece, pieces

# Cached: the screen and some pages around it; each takes a few times its text.
KEPT: Final = 1_000

MAX_DEPTH: Final = 5  # displayed levels of nested quotes

BAR: Final = "▎"
BULLET: Final = "•"

# Matches every text with markup. Most messages have none and are done after this check.
_MAY_MEAN: Final = re.compile(
    r"[*_~`@]|://|mailto:|:[\w+-]+:|^>|^ *(?:-|\d+[.)]) ", re.MULTILINE | re.IGNORECASE
)

_ITEM: Final = re.compile(r"(?P<indent> {0,20})(?P<sign>[-*]|\d{1,9}[.)]) +(?=\S)")


class Span(NamedTuple):
    """A range of the displayed text with the same looks."""

    start: int
    end: int
    looks: tuple[str, ...]
    """As in `Piece`; also "quote", "bullet", "code-keyword" and so on."""
    link: str = ""


class StandIn(NamedTuple):
    """Displayed characters that a copy replaces by others."""

    start: int
    end: int
    copied: str


class TextLine(NamedTuple):
    """One line of the displayed text."""

    start: int
    end: int
    hang: str = ""
    """The prefix of each further row if the line wraps."""
    lead: int = 0
    """How many characters of the line the hang replaces."""
    code: bool = False
    """It is code: every space counts, and it breaks anywhere."""


@dataclass(frozen=True, slots=True)
class MessageText:
    """A text as it is displayed."""

    body: str
    spans: tuple[Span, ...] = ()
    """In order, without overlaps."""
    stand_ins: tuple[StandIn, ...] = ()
    lines: tuple[TextLine, ...] = ()
    """Empty if all lines are plain."""

    @property
    def links(self) -> tuple[str, ...]:
        """The targets of its links, each once."""
        return tuple(dict.fromkeys(span.link for span in self.spans if span.link))

    def copied(self, start: int = 0, end: int | None = None) -> str:
        """Return the text to copy for the displayed characters from `start` to `end`."""
        end = len(self.body) if end is None else end
        parts, at = [], start
        for stand_in in self.stand_ins:
            if start <= stand_in.start and stand_in.end <= end:
                parts += [self.body[at : stand_in.start], stand_in.copied]
                at = stand_in.end
        return "".join([*parts, self.body[at:end]])


@lru_cache(KEPT)
def read_text(text: str) -> MessageText:
    """Return `text`, which may be anything, as it is displayed."""
    harmless = clean(text).expandtabs(4)
    if not _MAY_MEAN.search(harmless):
        return MessageText(harmless)
    page = _Page()
    for block in _blocks(harmless.split("\n")):
        block.put_on(page)
    return page.text()


class _Page:
    """Builds a MessageText."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._spans: list[Span] = []
        self._stand_ins: list[StandIn] = []
        self._lines: list[TextLine] = []
        self._length = 0

    def put(self, piece: Piece) -> None:
        """Add a piece to the current line."""
        start, end = self._length, self._length + len(piece.text)
        if piece.looks:
            self._spans.append(Span(start, end, piece.looks, piece.link))
        if piece.copied is not None:
            self._stand_ins.append(StandIn(start, end, piece.copied))
        self._parts.append(piece.text)
        self._length = end

    def look(self, start: int, end: int, look: str) -> None:
        """Set the look of characters that are added next, counted from here."""
        self._spans.append(Span(self._length + start, self._length + end, (look,)))

    def end_line(self, start: int, hang: str = "", lead: int = 0, *, code: bool = False) -> None:
        self._lines.append(TextLine(start, self._length, hang, lead, code))
        self._parts.append("\n")
        self._length += 1

    @property
    def at(self) -> int:
        return self._length

    def text(self) -> MessageText:
        lines = self._lines if any(line.hang or line.code for line in self._lines) else []
        body = "".join(self._parts[:-1])  # without the newline of the last line
        return MessageText(body, tuple(self._spans), tuple(self._stand_ins), tuple(lines))


# --- blocks


class _Line(NamedTuple):
    """A line that may be quoted or a list item."""

    text: str

    def put_on(self, page: _Page) -> None:
        start, rest = page.at, self.text
        hang, looks = "", tuple[str, ...]()
        if quote := QUOTE.match(rest):
            hang, rest, looks = self._quote(page, quote), rest[quote.end() :], ("quote",)
        if item := _ITEM.match(rest):
            hang, rest = hang + self._item(page, item), rest[item.end() :]
        lead = page.at - start
        for piece in pieces(rest, mentions=not looks):
            page.put(piece._replace(looks=looks + piece.looks))
        page.end_line(start, hang, lead)

    def _quote(self, page: _Page, quote: re.Match[str]) -> str:
        bars = BAR * min(MAX_DEPTH, quote.group().count(">")) + " "
        page.put(Piece(bars, ("bar",), copied=quote.group()))
        return bars

    def _item(self, page: _Page, item: re.Match[str]) -> str:
        indent, sign = item["indent"], item["sign"]
        page.put(Piece(indent))
        shown = BULLET if sign in "-*" else sign
        page.put(Piece(f"{shown} ", ("bullet",), copied=item.group()[len(indent) :]))
        return " " * (len(indent) + len(shown) + 1)


class _Code(NamedTuple):
    """The code between two fences."""

    language: str
    lines: list[str]

    def put_on(self, page: _Page) -> None:
        for word in words(self.language, "\n".join(self.lines)):
            page.look(word.start, word.end, f"code-{word.kind}")
        for line in self.lines:
            start = page.at
            page.put(Piece(line))
            page.end_line(start, code=True)


def _blocks(lines: list[str]) -> Iterator[_Line | _Code]:
    fences = Fences(lines)
    at = 0
    while at < len(lines):
        end = fences.block_end(at)
        if end is None:
            yield _Line(lines[at])
            at += 1
        else:
            fence = FENCE.fullmatch(lines[at])
            yield _Code(fence["language"] if fence else "", lines[at + 1 : end])
            at = end + 1
