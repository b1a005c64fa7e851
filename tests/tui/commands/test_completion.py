"""Completions offer what fits the place, and do not get in the way of typing."""

import time

import pytest
from hypothesis import given, strategies as st

from chat_tui.commands import parser
from chat_tui.commands.completion import Choice, Cycle, Known, complete

_KNOWN = Known(["Ada", "adam", "ben"], ["general", "kitchen", "kiosk"])


def _choices(typed: str, known: Known = _KNOWN) -> tuple[Choice, ...]:
    completion = complete(typed, len(typed), known)
    return completion.choices if completion else ()


def _texts(typed: str, known: Known = _KNOWN) -> list[str]:
    return [choice.text for choice in _choices(typed, known)]


def test_a_slash_offers_the_commands_with_that_prefix() -> None:
    assert _texts("/cr") == ["/create "]
    assert len(_texts("/")) == 8


def test_a_command_for_files_offers_paths_and_no_people() -> None:
    known = Known(["ben"], paths=lambda typed: [p for p in ("a.txt", "b/") if p.startswith(typed)])
    assert _texts("/upload ", known) == ["a.txt ", "b/"]
    assert _texts("/upload b", known) == ["b/"]
    assert _texts("/upload be", known) == []
    assert _texts("/upload a.txt ", known) == []
    assert _texts("/upload a.txt -- for @b", known) == ["@ben "]
    assert _texts("/upload ") == []


def test_a_command_with_two_names_is_offered_once_and_names_the_other() -> None:
    assert [choice.text for choice in _choices("/exi")] == ["/exit "]
    assert [choice.what for choice in _choices("/exi")] == ["Leave this room (also /leave)"]
    assert [choice.text for choice in _choices("/lea")] == ["/leave "]
    assert [choice.what for choice in _choices("/lea")] == ["Leave this room (also /exit)"]
    assert "/leave " not in _texts("/")


def test_an_at_offers_names_in_any_case() -> None:
    assert _texts("hi @AD") == ["@Ada ", "@adam "]


@pytest.mark.parametrize("before", ["(", '"', ">", "**", "@ben,", "[", "看", "-"])
def test_a_name_and_an_emoji_are_offered_behind_punctuation(before: str) -> None:
    completion = complete(f"{before}@ad", len(before) + 3, _KNOWN)

    assert completion is not None
    assert completion.start == len(before)
    assert "@Ada " in [choice.text for choice in completion.choices]
    if before != "看":
        assert any("🎉" in text for text in _texts(f"{before}:tad"))


@pytest.mark.parametrize("typed", ["me@ad", "12:30", "a:tad", "\\@ad", "https://x.org:tad"])
def test_nothing_is_offered_inside_of_a_word(typed: str) -> None:
    assert _texts(typed) == []


@pytest.mark.parametrize("part", ["@", ":", "@:", "a@", "看@"])
def test_no_line_takes_more_than_a_moment(part: str) -> None:
    started = time.thread_time()
    complete(part * 40_000, 40_000 * len(part), _KNOWN)

    assert time.thread_time() - started < 2


def test_a_colon_offers_emoji_from_two_letters_on() -> None:
    assert any("🎉" in text for text in _texts("well done :tad"))
    assert _texts(":ta")
    assert _texts("at 12:30") == []
    assert _texts(":D") == []


def test_a_command_s_room_is_offered() -> None:
    assert parser.find("nothing") is None
    assert _texts("/go ki") == ["kiosk ", "kitchen "]


@pytest.mark.parametrize(("typed", "chosen"), [("/msg a", "{} "), ("/msg @a", "@{} ")])
def test_members_of_other_rooms_are_completed_for_direct_messages(typed: str, chosen: str) -> None:
    known = Known(["ada"], ["attic"], lambda: ["ada", "alan"])

    assert _texts(typed, known) == [chosen.format("ada"), chosen.format("alan")]
    assert _texts("/mute a", known) == ["ada "]


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "hello",
        "//ke",
        "a /ke",
        "/create ki",
        "@nobody",
        "me@a",
        "@ben",
        "/quit",
        "/nothing a",
        "/go a k",
    ],
)
def test_nothing_is_offered_for_ordinary_text(typed: str) -> None:
    assert _texts(typed) == []


def test_stepping_through_the_choices_wraps_around() -> None:
    completion = complete("hi @a you", 5, _KNOWN)
    assert completion is not None
    cycle = Cycle(completion, "hi @a you", 5)

    assert cycle.step(1) == (3, 5, "@Ada ")
    assert cycle.text == "hi @Ada  you"
    assert cycle.step(1) == (3, 8, "@adam ")
    assert cycle.step(1)[2] == "@Ada "
    assert cycle.step(-1)[2] == "@adam "


def test_stepping_back_begins_with_the_last_choice() -> None:
    completion = complete("hi @", 4, _KNOWN)
    assert completion is not None
    cycle = Cycle(completion, "hi @", 4)

    steps = [cycle.step(by)[2] for by in (-1, -1, 1, 1)]

    assert steps == ["@ben ", "@adam ", "@ben ", "@Ada "]


@given(st.text(max_size=30), st.integers(0, 30))
def test_whatever_is_typed_the_word_ends_at_the_cursor(text: str, cursor: int) -> None:
    cursor = min(cursor, len(text))
    completion = complete(text, cursor, _KNOWN)

    assert completion is None or (completion.start <= cursor and completion.choices)
