"""Who is mentioned is the same at both ends, whatever surrounds the name."""

import pytest
from hypothesis import given, strategies as st

from chat_shared.mentions import MAX_MENTIONS, mentioned, places
from chat_shared.names import fold


@pytest.mark.parametrize(
    "text",
    ["@ada", "@Ada", "hi @ADA", "@ada, come", "(@ada)", "@ada: soup?", "@ada's soup", "a\n@ada!"],
)
def test_a_name_after_an_at_is_mentioned(text: str) -> None:
    assert "ada" in mentioned(text)


@pytest.mark.parametrize("text", ["ada", "me@ada", "@ ada", "@", "@@", "1@ada", "ada@", ""])
def test_an_address_or_a_bare_name_mentions_nobody(text: str) -> None:
    assert "ada" not in mentioned(text)


def test_a_name_may_end_in_a_sign() -> None:
    assert {"a.", "a"} <= mentioned("@a. is a name")
    assert "jean-luc" in mentioned("@jean-luc, engage")


def test_two_at_once_are_both_mentioned() -> None:
    assert {"ada", "ben"} <= mentioned("@ada and @ben")


def test_a_text_of_nothing_but_mentions_is_not_scanned_to_its_end() -> None:
    assert len(mentioned(" ".join(f"@n{n}" for n in range(2_000)))) == MAX_MENTIONS


@given(st.text(), st.text())
def test_a_mention_stays_a_mention_whatever_follows_a_space(before: str, after: str) -> None:
    assert "ada" in mentioned(f"{before[:10]} @ada {after}")


@given(st.text())
def test_mentioned_names_are_folded(text: str) -> None:
    assert all(name == fold(name) for name in mentioned(f"@{text}"))


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
    assert bool(places(text, name)) is (fold(name) in mentioned(text))
