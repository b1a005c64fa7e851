"""What somebody types to find something, as FTS5 reads it; and what it marks, as places.

No input is an error: what is not one of our few signs is looked for as it stands.
"""

import re
from collections.abc import Iterable

from chat_server.store.search_index.accents import plain

# Signs that stand around what was found. No message holds them.
BEGIN, END = "\x01", "\x02"

# Words in double quotes stand side by side; a star stands for any ending.
_TERM = re.compile(r'"([^"]*)"(\*?)|([^\s"]+)')
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_MARK = re.compile(f"[{BEGIN}{END}]")


def expression(words: str, rooms: Iterable[int], author: int | None) -> str:
    """Return what FTS5 finds messages by that hold all of `words`, or any if there are none."""
    parts = [f"room : ({' OR '.join(map(room_token, rooms))})"]
    if author is not None:
        parts.append(f"author : ({author_token(author)})")
    if terms := _terms(words):
        parts.append(f"text : ({' '.join(terms)})")
    return " AND ".join(parts)


def room_token(room: int) -> str:
    """Return the word under which the messages of a room stand in the index."""
    return f"r{room}"


def author_token(account: int) -> str:
    """Return the word under which the messages of an account stand in the index."""
    return f"a{account}"


def places(marked: str) -> list[tuple[int, int]]:
    """Return where in a text its marks are, were they not there: from, and up to."""
    offsets = [match.start() - nth for nth, match in enumerate(_MARK.finditer(marked))]
    return list(zip(offsets[::2], offsets[1::2], strict=True))


def _terms(words: str) -> list[str]:
    terms = []
    for quoted, star, word in _TERM.findall(_CONTROLS.sub(" ", plain(words))):
        text = quoted or word.rstrip("*")
        if text.strip():
            # Between quotes FTS5 reads no syntax, and splits what is no word by itself.
            terms.append(f'"{text}"' + ("*" if star or word.endswith("*") else ""))
    return terms
