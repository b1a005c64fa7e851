"""What is looked for: `soup from:ben in:kitchen before:2026-11-01`, read and written. Pure.

A filter is a word with a colon that is known here; everything else is looked
for as it stands, what is quoted too.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, tzinfo
from typing import Final

from chat_shared import messages as m
from chat_shared.errors import Refused
from chat_shared.limits import MAX_WORDS
from chat_shared.names import check_name
from chat_tui.commands.durations import rfc3339
from chat_tui.commands.parsed_input import InputError
from chat_tui.markup.times import read_time

_WORD: Final = re.compile(r'"[^"]*"?|[^\s"]+')
_FILTER: Final = re.compile(r"(from|in|before):(.*)", re.IGNORECASE | re.DOTALL)
_YEARS: Final = range(1971, 9999)  # beyond these, other time zones fall out of the calendar


class BadSearch(ValueError):
    """It cannot be looked for like that; the message says what is wrong."""


def read(line: str, room_of: Callable[[str], str], zone: tzinfo | None = None) -> m.Search:
    """Return what `line` looks for. Raises BadSearch.

    `room_of` gives the server's name of a room as people call it, or "" where
    there is none. Days begin at midnight in `zone`; None is this computer's.
    """
    words: list[str] = []
    author = room = until = ""
    for word in _WORD.findall(line):
        match = _FILTER.fullmatch(word)
        kind = match[1].lower() if match else ""
        what = match[2] if match else ""
        if kind == "from":
            author = _name(what)
        elif kind == "in":
            room = _room(what, room_of)
        elif kind == "before":
            until = _midnight(what, zone)
        else:
            words.append(word)
    looked_for = " ".join(words)
    if len(looked_for) > MAX_WORDS:
        raise BadSearch(f"That is {len(looked_for)} characters; a search takes {MAX_WORDS}.")
    return m.Search(id=m.UNNUMBERED, words=looked_for, room=room, author=author, until=until)


def read_typed(line: str) -> m.Search | InputError:
    """Return what a command looks for. It knows no rooms: the server answers for those."""
    try:
        return read(line, lambda name: name)
    except BadSearch as exc:
        return InputError(str(exc))


def write(search: m.Search, zone: tzinfo | None = None) -> str:
    """Return the line that `search` was read from."""
    filters = (
        f"from:{search.author}" if search.author else "",
        f"in:{search.room}" if search.room else "",
        f"before:{read_time(search.until).astimezone(zone):%Y-%m-%d}" if search.until else "",
    )
    return " ".join(part for part in (search.words, *filters) if part)


def is_empty(search: m.Search) -> bool:
    """Say whether nothing is looked for."""
    return not (search.words or search.author or search.room or search.until)


def _name(typed: str) -> str:
    try:
        return check_name(typed.removeprefix("@"))
    except Refused as refusal:
        raise BadSearch(f"from: takes a name. {refusal.message}") from None


def _room(typed: str, room_of: Callable[[str], str]) -> str:
    room = room_of(typed.lstrip("#@")) if typed.lstrip("#@") else ""
    if not room:
        raise BadSearch(f"You are in no room called {typed}." if typed else "in: takes a room.")
    return room


def _midnight(typed: str, zone: tzinfo | None) -> str:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        day = date.min
    if day.year not in _YEARS:
        raise BadSearch("before: takes a day, such as before:2026-11-01.")
    midnight = datetime.combine(day, time())
    # Without a zone it is taken for a time of this computer, summer time and all.
    return rfc3339((midnight.replace(tzinfo=zone) if zone else midnight).astimezone(UTC))
