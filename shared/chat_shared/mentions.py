"""Who a text calls by name: the same answer at both ends.

A call is an `@` that stands at the beginning or behind something that is no
letter and no digit, and the word behind it: `ada@example.org` calls nobody.
Knows no accounts: whether there is somebody of that name is for others to say.
"""

import re
from itertools import islice
from typing import Final
from unicodedata import normalize

from chat_shared.limits import MAX_NAME
from chat_shared.names import fold

_CALL: Final = re.compile(r"(?<!\w)@(\w\S*)")

# Calls that count in one text. A message can hold thousands, each a name to
# fold and to look for; nobody means to call so many.
MAX_CALLS: Final = 20


def calls(text: str) -> set[str]:
    """Return the folded names that `text` may call: as it stands, and without what ends a word.

    `@ada, come` calls `ada,` and `ada`: which of them is somebody's name, only
    those know who know the names.
    """
    if "@" not in text:
        return set()
    words = [match[1] for match in islice(_CALL.finditer(text), MAX_CALLS)]
    return {fold(name) for word in words for name in _readings(word)}


def places(text: str, name: str) -> list[tuple[int, int]]:
    """Return where `text` calls `name`: from the `@` up to the end of the name."""
    found = []
    for match in islice(_CALL.finditer(text), MAX_CALLS):
        meant = [len(read) for read in _readings(match[1]) if fold(read) == fold(name)]
        if meant:
            found.append((match.start(), match.start(1) + max(meant)))
    return found


def _readings(word: str) -> set[str]:
    """Return what of `word` may be the name: all of it, or the part before punctuation."""
    readings = {word, re.split(r"[^\w]", word, maxsplit=1)[0]}
    while word and not word[-1].isalnum():
        word = word[:-1]
        readings.add(word)
    return {name for name in readings if _may_be_a_name(name)}


def _may_be_a_name(text: str) -> bool:
    """Say whether `text` is as short as names are: to fold what is not costs milliseconds."""
    return 0 < len(text) <= 4 * MAX_NAME and len(normalize("NFC", text)) <= MAX_NAME
