"""Whom a text mentions, whatever surrounds the name."""

import time

import pytest
from hypothesis import given, strategies as st

from chat_shared.limits import MAX_NAME
from chat_shared.mentions import MAX_MENTIONS, name_end, places, possible_names
from chat_shared.names import fold
from support.hostile_texts import MENTIONS
from support.mentions import mentioned

PEOPLE = {"x", "ada", "ada.b", "ben", "lee", "lee-dohm", "o'neil", "a.", "andré", "李雷"}


@pytest.mark.parametrize(
    ("text", "people"),
    [
        *((text, ["ada"]) for text in ("@ada", "@Ada", "hi @ADA", "@ada, come", "a\n@ada!")),
        *((text, ["ada"]) for text in ("@ada: soup?", "@ada's soup", "@ada.", "@@ada", "**@ada**")),
        ("(@ada,@ben)", ["ada", "ben"]),
        ("@ada/@ben", ["ada", "ben"]),
        ("@ada+@ben", ["ada", "ben"]),
        ("[@ada][@ben]", ["ada", "ben"]),
        ("@ada.b hi", ["ada.b"]),
        ("@ada.b, hi", ["ada.b"]),
        ("@ada.b's", ["ada.b"]),
        ("@ada.c", ["ada"]),
        ("@lee-dohm's", ["lee-dohm"]),
        ("@lee-", ["lee"]),
        ("@o'neil's soup", ["o'neil"]),
        ("@a. is a name", ["a."]),
        ("@andre\u0301, hi", ["andré"]),
        ("@x, hi", ["x"]),
        ("so `x` @ada, `@ben` @lee", ["ada", "lee"]),
    ],
)
def test_a_name_after_an_at_is_mentioned_the_longest_one_that_someone_has(
    text: str, people: list[str]
) -> None:
    assert mentioned(text, PEOPLE) == people


@pytest.mark.parametrize("text", ["ada", "me@ada", "@ ada", "@", "@@", "1@ada", "ada@", "@adam"])
def test_an_address_or_a_bare_name_mentions_nobody(text: str) -> None:
    assert not mentioned(text, PEOPLE)


@pytest.mark.parametrize(
    "text",
    [
        *("`@ada`", "`` ` @ada ``", "```\n@ada\n```", "~~~py\n@ada\n~~~~"),
        *("> @ada", ">> @ada: soup?", "[@ada](https://x.org)", "\\@ada"),
        *("https://x.org/@ada", "(https://x.org/?q=@ada)", "mailto:@ada"),
    ],
)
def test_code_quotes_addresses_and_escapes_mention_nobody(text: str) -> None:
    assert not mentioned(text, PEOPLE)


@pytest.mark.parametrize("text", ["`@ada", "```\n@ada", "a > @ada", ">@ada", "https://x.org @ada"])
def test_what_only_looks_like_code_or_a_quote_mentions(text: str) -> None:
    assert mentioned(text, PEOPLE) == ["ada"]


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("请@ada看", ["ada"]),
        ("@adaさん、お願い", ["ada"]),
        ("李雷@ben", ["ben"]),
        ("@李雷，你好", ["李雷"]),
        ("@李雷hello", ["李雷"]),
        ("@李雷看看", []),  # nothing shows where the name ends
        ("看https://x.org/@ada", []),
    ],
)
def test_scripts_without_spaces_need_none_around_a_name_of_another_script(
    text: str, people: list[str]
) -> None:
    assert mentioned(text, PEOPLE) == people


def test_a_text_of_nothing_but_mentions_is_not_scanned_to_its_end() -> None:
    assert len(possible_names(" ".join(f"@n{n}" for n in range(2_000)))) == MAX_MENTIONS


def test_names_that_could_be_many_are_only_some_of_them() -> None:
    found = possible_names("@a.b.c.d.e.f.g.h.i.j " * 100)

    assert len(found) == MAX_MENTIONS
    assert sum(map(len, found)) <= 3 * MAX_MENTIONS


@pytest.mark.parametrize("text", MENTIONS.values(), ids=MENTIONS)
def test_no_text_takes_more_than_a_moment(text: str) -> None:
    started = time.thread_time()
    possible_names(text * 10)

    # Ten times as long as a text may be: some 20 ms. What is quadratic takes many seconds.
    assert time.thread_time() - started < 2


@given(st.text(), st.text())
def test_a_mention_stays_a_mention_in_a_line_of_its_own(before: str, after: str) -> None:
    text = f"{before[:10]}\n@ada\n{after}".replace("`", "").replace("~", "")
    assert "ada" in mentioned(text, {"ada"})


@given(st.text())
def test_possible_names_are_folded(text: str) -> None:
    assert all(name == fold(name) for found in possible_names(f"@{text}") for name in found)


@pytest.mark.parametrize(
    ("text", "mentioned_parts"),
    [
        ("hi @ada, come", ["@ada"]),
        ("@ADA's soup for @ben and @ada", ["@ADA", "@ada"]),
        ("me@ada, @adam", []),
        ("", []),
    ],
)
def test_the_place_of_a_mention_is_the_at_and_the_name(
    text: str, mentioned_parts: list[str]
) -> None:
    assert [text[since:to] for since, to in places(text, "Ada")] == mentioned_parts


@given(st.text(), st.text(min_size=1, max_size=8))
def test_a_name_with_a_place_is_mentioned(text: str, name: str) -> None:
    found = any(fold(name) in possible for possible in possible_names(text))
    assert bool(places(text, name)) is found


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@ada ben", ["ada"]),  # a name ends at a space, and within no word
        ("@ada\x00b", ["ada"]),
        ("@ada.b!", ["ada.b!", "ada.b", "ada.", "ada"]),
        ("@" + "n" * MAX_NAME, ["n" * MAX_NAME]),
        ("@" + "e\u0301" * MAX_NAME, ["é" * MAX_NAME]),
        ("@" + "n" * (MAX_NAME + 1), []),
    ],
)
def test_the_names_that_a_mention_may_mean(text: str, names: list[str]) -> None:
    assert possible_names(text) == [names]


def test_a_name_of_one_letter_has_a_place() -> None:
    assert places("hi @x", "X") == [(3, 5)]


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("ada", "ada"),
        ("ada, hi", "ada"),
        ("ada.b, hi", "ada.b"),
        ("ada. Hi", "ada"),
        ("a-- b", "a"),
        ("ada's", "ada"),
        ("李雷hello", "李雷"),
        ("ada看", "ada"),
        ("हिन्दी, hi", "हिन्दी"),
        ("e\u0301" * MAX_NAME, "e\u0301" * MAX_NAME),
    ],
)
def test_what_is_drawn_as_a_name_ends_where_one_would_end_it(text: str, drawn: str) -> None:
    assert text[: name_end(text, 0)] == drawn
    assert f"hi @{text}"[4 : name_end(f"hi @{text}", 4)] == drawn
