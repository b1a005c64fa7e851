"""Parses and formats a search: `soup from:ben in:kitchen before:2026-11-01`. Pure.

A filter is one of the known words with a colon; everything else, quoted text
included, is searched for as it stands.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, tzinfo
from typing import Final

from chat_shared import messages as m
from chat_shared.errors import Refused
from chat_shared.lengths import too_long
from chat_shared.limits import MAX_WORDS
from chat_shared.names import check_name
from chat_tui.commands.durations import rfc3339
from chat_tui.commands.parsed_input import InputError
from chat_tui.markup.times import read_time

_WORD: Final = re.compile(r'"[^"]*"?|[^\s"]+')
_FILTER: Final = re.compile(r"(from|in|before):(.*)", re.IGNORECASE | re.DOTALL)
_YEARS: Final = range(1971, 9999)  # beyond these, a time zone's offset leaves the calendar


class BadSearch(ValueError):
    """The query is invalid; the message says why."""


def read(line: str, room_of: Callable[[str], str], zone: tzinfo | None = None) -> m.Search:
    """Return the request for the query `line`. Raises BadSearch.

    `room_of` maps the displayed title of a room to the server's name, or to "" if
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
    query = " ".join(words)
    if sentence := too_long("The search", query, MAX_WORDS):
        raise BadSearch(sentence)
    return m.Search(id=m.UNNUMBERED, words=query, room=room, author=author, until=until)


def read_typed(line: str) -> m.Search | InputError:
    """Return the request of a typed command. Room names are left for the server to check."""
    try:
        return read(line, lambda name: name)
    except BadSearch as exc:
        return InputError(str(exc))


def write(search: m.Search, zone: tzinfo | None = None) -> str:
    """Return the query that `search` was made from."""
    filters = (
        f"from:{search.author}" if search.author else "",
        f"in:{search.room}" if search.room else "",
        f"before:{read_time(search.until).astimezone(zone):%Y-%m-%d}" if search.until else "",
    )
    return " ".join(part for part in (search.words, *filters) if part)


def is_empty(search: m.Search) -> bool:
    """Return whether there is nothing to search for."""
    return not (search.words or search.author or search.room or search.until)


def _name(typed: str) -> str:
    try:
        return check_name(typed.removeprefix("@"))
    except Refused as refusal:
        raise BadSearch(f"from: needs a name. {refusal.message}") from None


def _room(typed: str, room_of: Callable[[str], str]) -> str:
    room = room_of(typed.lstrip("#@")) if typed.lstrip("#@") else ""
    if not room:
        raise BadSearch(f"You're not in a room called {typed}." if typed else "in: needs a room.")
    return room


def _midnight(typed: str, zone: tzinfo | None) -> str:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        day = date.min
    if day.year not in _YEARS:
        raise BadSearch("before: needs a date, such as before:2026-11-01.")
    midnight = datetime.combine(day, time())
    # A naive time is taken as local, with the daylight saving of that day.
    return rfc3339((midnight.replace(tzinfo=zone) if zone else midnight).astimezone(UTC))
