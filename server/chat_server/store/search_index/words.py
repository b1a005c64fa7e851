"""A typed search as an FTS5 expression, and the marks of FTS5 as offsets.

No input is an error: what is not quotes or a star is searched for literally.
"""

import re
from collections.abc import Iterable
from itertools import islice

from chat_server.store.search_index.accents import plain
from chat_shared.limits import MAX_MARKS

# Markers around each match. No message contains them.
BEGIN, END = "\x01", "\x02"

# Words in double quotes are a phrase; a star matches any ending.
_TERM = re.compile(r'"([^"]*)"(\*?)|([^\s"]+)')
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_MARK = re.compile(f"[{BEGIN}{END}]")


def expression(words: str, rooms: Iterable[int], author: int | None) -> str:
    """Return the FTS5 expression for messages with all of `words`, or for all without any."""
    parts = [f"room : ({' OR '.join(map(room_token, rooms))})"]
    if author is not None:
        parts.append(f"author : ({author_token(author)})")
    if terms := _terms(words):
        parts.append(f"{{text files}} : ({' '.join(terms)})")
    return " AND ".join(parts)


def room_token(room: int) -> str:
    """Return the word that all messages of a room have in the index."""
    return f"r{room}"


def author_token(account: int) -> str:
    """Return the word that all messages of an account have in the index."""
    return f"a{account}"


def places(marked: str) -> list[tuple[int, int]]:
    """Return the start and end of the first matches, as offsets in the text without markers.

    Not of all: where every second letter is one, they would be longer than the text.
    """
    marks = islice(_MARK.finditer(marked), 2 * MAX_MARKS)
    offsets = [match.start() - nth for nth, match in enumerate(marks)]
    return list(zip(offsets[::2], offsets[1::2], strict=True))


def _terms(words: str) -> list[str]:
    terms = []
    for quoted, star, word in _TERM.findall(_CONTROLS.sub(" ", plain(words))):
        text = quoted or word.rstrip("*")
        if text.strip():
            # Between quotes FTS5 sees no syntax, and splits into words by itself.
            terms.append(f'"{text}"' + ("*" if star or word.endswith("*") else ""))
    return terms
