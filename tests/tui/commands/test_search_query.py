from datetime import timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from chat_shared import messages as m
from chat_tui.commands import search_query
from chat_tui.commands.parsed_input import InputError
from chat_tui.commands.search_query import BadSearch

BERLIN = ZoneInfo("Europe/Berlin")
ROOMS = {"kitchen": "kitchen", "cleo": "@3-17"}


def room_of(name: str) -> str:
    return ROOMS.get(name.lower(), "")


def read(line: str) -> m.Search:
    return search_query.read(line, room_of, BERLIN)


def search(words: str = "", room: str = "", author: str = "", until: str = "") -> m.Search:
    return m.Search(id=1, words=words, room=room, author=author, until=until)


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("soup", search(words="soup")),
        ("  hot   soup ", search(words="hot soup")),
        ("soup from:ben", search(words="soup", author="ben")),
        ("FROM:@Ben soup", search(words="soup", author="Ben")),
        ("in:kitchen soup", search(words="soup", room="kitchen")),
        ("in:#Kitchen soup", search(words="soup", room="kitchen")),
        ("in:Cleo", search(room="@3-17")),
        ("in:@cleo", search(room="@3-17")),
        ("soup before:2026-11-01", search(words="soup", until="2026-10-31T23:00:00.000Z")),
        ("before:2026-07-01", search(until="2026-06-30T22:00:00.000Z")),
        ('"hot soup" bread*', search(words='"hot soup" bread*')),
        ('"from:ben is a filter"', search(words='"from:ben is a filter"')),
        ("at 12:30 http://x.org/in:y", search(words="at 12:30 http://x.org/in:y")),
        ("", search()),
    ],
)
def test_a_query_is_parsed(line: str, meant: m.Search) -> None:
    assert read(line) == meant


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("x before:soon", "before: needs a date, such as before:2026-11-01."),
        ("x before:", "before: needs a date, such as before:2026-11-01."),
        ("x before:2026-02-30", "before: needs a date, such as before:2026-11-01."),
        ("x before:0001-01-01", "before: needs a date, such as before:2026-11-01."),
        ("x before:9999-12-31", "before: needs a date, such as before:2026-11-01."),
        ("x in:cellar", "You're not in a room called cellar."),
        ("x in:", "in: needs a room."),
        ("x from:", "from: needs a name."),
        ("x from:-", "from: needs a name. A name must start with a letter or a digit."),
        ("x" * 201, "The search has 201 characters; the limit is 200."),
    ],
)
def test_a_bad_query_gets_the_reason(line: str, sentence: str) -> None:
    with pytest.raises(BadSearch) as raised:
        read(line)

    assert str(raised.value).startswith(sentence)


@pytest.mark.parametrize("hours", [-12, 0, 5.75, 14])
def test_a_day_begins_where_the_reader_is(hours: float) -> None:
    zone = timezone(timedelta(hours=hours))
    found = search_query.read("before:2026-11-01", room_of, zone)

    assert search_query.write(found, zone) == "before:2026-11-01"


def test_a_day_of_this_computer_is_the_same_when_written_again() -> None:
    found = search_query.read("before:2026-07-01", room_of)

    assert search_query.write(found) == "before:2026-07-01"


@pytest.mark.parametrize("line", ['"hot soup" from:Ben in:kitchen before:2026-11-01', "soup", ""])
def test_a_query_can_be_formatted_again(line: str) -> None:
    assert search_query.write(read(line), BERLIN) == line


def test_a_typed_command_leaves_rooms_to_the_server() -> None:
    meant = search_query.read_typed("soup in:cellar")

    assert meant == search(words="soup", room="cellar")
    assert isinstance(search_query.read_typed("before:x"), InputError)


@pytest.mark.parametrize(
    ("line", "empty"), [("", True), ("in:kitchen", False), ("x", False), ("from:ben", False)]
)
def test_a_query_without_words_and_filters_is_empty(line: str, empty: bool) -> None:
    assert search_query.is_empty(read(line)) is empty


def test_the_longest_query_is_one() -> None:
    assert read("x" * 200).words == "x" * 200
