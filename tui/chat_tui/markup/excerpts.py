"""Excerpts of found messages, as they are drawn: one line around the first match.

Pure. The marks come from a server and may be invalid. The text is made safe piece by
piece, since that may change its length.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from chat_shared.text import clean_line
from chat_tui.markup.message_text import read_text

_BEFORE: Final = 16  # characters before the first match, so that it is visible on 40 columns too
_LENGTH: Final = 240  # characters: more than a row of any list
_MOST: Final = 50  # marks: more than fit a row


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    found: bool = False


def excerpt(text: str, marks: Iterable[tuple[int, int]]) -> list[Piece]:
    """Return a line of `text` without its markup, in pieces that are matches or not.

    `marks` are the matches in `text`, from start to end.
    """
    text, places = _drawn(text, _in_order(text, marks))
    start = max(0, places[0][0] - _BEFORE) if places else 0
    end = min(len(text), start + _LENGTH)
    pieces = [Piece("…")] if start else []
    at = start
    for since, to in places:
        if since >= end:
            break
        pieces += [Piece(text[at:since]), Piece(text[since : min(to, end)], True)]
        at = min(to, end)
    pieces.append(Piece(text[at:end]))
    if end < len(text):
        pieces.append(Piece("…"))
    return [Piece(clean_line(piece.text), piece.found) for piece in pieces if piece.text]


def _in_order(text: str, marks: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the valid marks in order, without overlaps."""
    places: list[tuple[int, int]] = []
    for since, to in sorted(marks)[:_MOST]:
        if 0 <= since < to <= len(text) and (not places or since >= places[-1][1]):
            places.append((since, to))
    return places


def _drawn(text: str, places: list[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """Return `text` as it is drawn, and the places there of the same words.

    A word that is not drawn, as in the address of a link with a title, has none.
    """
    body = read_text(text).body
    if body == text:
        return text, places
    found, at = [], 0
    for since, to in places:
        start = _find_word(body, at, text, since, to)
        if start >= 0:
            at = start + to - since
            found.append((start, at))
    return body, found


def _find_word(body: str, at: int, text: str, since: int, to: int) -> int:
    """Return where `text[since:to]` stands in `body` from `at` on, as no part of another word."""
    word = text[since:to]
    while (at := body.find(word, at)) >= 0:
        is_whole = _ends_word(text, since) or not _ends_word(body, at)
        goes_on = _begins_word(text, to) or not _begins_word(body, at + len(word))
        if is_whole and goes_on:
            return at
        at += 1
    return -1


def _ends_word(text: str, at: int) -> bool:
    return at > 0 and text[at - 1].isalnum()


def _begins_word(text: str, at: int) -> bool:
    return at < len(text) and text[at].isalnum()
