"""Excerpts of found messages: one line around the first match.

Pure. The marks come from a server and may be invalid. The text is made safe piece by
piece, since that may change its length.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from chat_shared.text import clean_line

_BEFORE: Final = 16  # characters before the first match, so that it is visible on 40 columns too
_LENGTH: Final = 240  # characters: more than a row of any list
_MOST: Final = 50  # marks: more than fit a row


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    found: bool = False


def excerpt(text: str, marks: Iterable[tuple[int, int]]) -> list[Piece]:
    """Return a line of `text`, in pieces that are matches or not."""
    places = _in_order(text, marks)
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
