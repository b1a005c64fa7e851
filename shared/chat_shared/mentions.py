"""Whom a text mentions: one grammar for the server and for what the client draws.

A mention is an `@` and the name after it. The `@` begins the text or follows something
that is neither letter nor digit, except in scripts without spaces: `ada@example.org`
mentions nobody, and `请@ada看` mentions ada. Code, quotes and addresses mention nobody, nor
does `\\@`. Knows no accounts: of the names that a text may mean, the server takes the
longest that a member has.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final
from unicodedata import category, normalize

from chat_shared.limits import MAX_NAME
from chat_shared.markup import (
    BARE_LINK,
    CODE,
    OUTSIDE_WORD,
    TITLED_LINK,
    UNSPACED,
    Backticks,
    prose,
)
from chat_shared.names import fold

MENTION: Final = rf"{OUTSIDE_WORD}@(?=\w)"

# Mentions that count in one text. A message can contain thousands, each a name to
# fold and to look up; nobody means that many.
MAX_MENTIONS: Final = 20
# Names that all mentions of one text may mean, and those of one mention: names have few
# signs in them, and folding takes up to 0.1 ms a name.
_MAX_NAMES: Final = 60
_MAX_READINGS: Final = 9

_TOKEN: Final = re.compile(
    f"(?P<code>{CODE})|(?P<titled>{TITLED_LINK})|(?P<bare>{BARE_LINK})|(?P<mention>{MENTION})",
    re.IGNORECASE,
)
_UNSPACED: Final = re.compile(f"[{UNSPACED}]")
_NOT_IN_NAMES: Final = re.compile(r"[\x00-\x20\x7f-\xa0]")
_SIGNS: Final = ".+-"  # that are a part of what is drawn as a name, except at its end


def possible_names(text: str) -> list[list[str]]:
    """Return the folded names that each mention in `text` may mean, the longest first."""
    if "@" not in text:
        return []
    left = _MAX_NAMES
    found = []
    for start in islice(_mentions(text), MAX_MENTIONS):
        readings = list(islice(_readings(text, start + 1), min(left, _MAX_READINGS)))
        left -= len(readings)
        found.append([fold(text[start + 1 : end]) for end in reversed(readings)])
    return found


def places(text: str, name: str) -> list[tuple[int, int]]:
    """Return where `text` may mention `name`: from the `@` to the end of the name."""
    key, found = fold(name), []
    for start in islice(_mentions(text), MAX_MENTIONS):
        ends = islice(_readings(text, start + 1), _MAX_READINGS)
        if meant := [end for end in ends if fold(text[start + 1 : end]) == key]:
            found.append((start, meant[-1]))
    return found


def name_end(text: str, start: int) -> int:
    """Return the end of what is drawn as the name that begins at `start`."""
    end = start
    while end < min(len(text), start + 4 * MAX_NAME) and _continues(text, start, end):
        end += 1
    while text[end - 1] in _SIGNS:
        end -= 1
    return end


def _continues(text: str, start: int, at: int) -> bool:
    char = text[at]
    if not (_is_word(char) or char in _SIGNS):
        return False
    return at == start or not _changes_script(text[at - 1], char)


def _mentions(text: str) -> Iterator[int]:
    """Yield the place of the `@` of each mention."""
    for offset, line in prose(text):
        if "@" in line:
            yield from (offset + at for at in _in_line(line))


def _in_line(line: str) -> Iterator[int]:
    backticks = Backticks(line)
    at = 0
    while found := _TOKEN.search(line, at):
        start, at = found.span()
        if found.lastgroup == "mention":
            yield start
            at = name_end(line, at)
        elif found.lastgroup == "code":
            close = backticks.closing(start, at)
            at = at if close is None else close + at - start


def _readings(text: str, start: int) -> Iterator[int]:
    """Yield where the name that begins at `start` may end, the nearest first."""
    for end in range(start + 1, min(len(text), start + 4 * MAX_NAME) + 1):
        if _NOT_IN_NAMES.match(text, end - 1) or _is_longer_than_a_name(text[start:end]):
            return
        if end == len(text) or _may_end_between(text[end - 1], text[end]):
            yield end


def _is_longer_than_a_name(name: str) -> bool:
    return len(name) > MAX_NAME and len(normalize("NFC", name)) > MAX_NAME


def _may_end_between(last: str, following: str) -> bool:
    if not _is_word(last) or not _is_word(following):
        return not category(following).startswith("M")
    return _changes_script(last, following)


def _changes_script(last: str, following: str) -> bool:
    """Return whether one of the two is of a script without spaces, and the other is not."""
    return bool(_UNSPACED.match(last)) is not bool(_UNSPACED.match(following))


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_" or category(char).startswith("M")
