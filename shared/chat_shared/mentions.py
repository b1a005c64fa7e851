"""Who a text mentions: the same answer at both ends.

A mention is an `@` at the beginning of the text or after something that is neither
letter nor digit, and the word after it: `ada@example.org` mentions nobody.
Knows no accounts, and so not whether anybody has that name.
"""

import re
from itertools import islice
from typing import Final
from unicodedata import normalize

from chat_shared.limits import MAX_NAME
from chat_shared.names import fold

_MENTION: Final = re.compile(r"(?<!\w)@(\w\S*)")

# Mentions that count in one text. A message can contain thousands, each a name to
# fold and to look up; nobody means that many.
MAX_MENTIONS: Final = 20


def mentioned(text: str) -> set[str]:
    """Return the folded names that `text` may mention, with and without trailing punctuation.

    `@ada, come` may mention `ada,` or `ada`: which of them is a name, only
    the caller knows.
    """
    if "@" not in text:
        return set()
    words = [match[1] for match in islice(_MENTION.finditer(text), MAX_MENTIONS)]
    return {fold(name) for word in words for name in _readings(word)}


def places(text: str, name: str) -> list[tuple[int, int]]:
    """Return where `text` mentions `name`: from the `@` to the end of the name."""
    found = []
    for match in islice(_MENTION.finditer(text), MAX_MENTIONS):
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
    """Return whether `text` is as short as a name: folding longer ones costs milliseconds."""
    return 0 < len(text) <= 4 * MAX_NAME and len(normalize("NFC", text)) <= MAX_NAME
