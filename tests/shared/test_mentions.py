"""Who is called is the same at both ends, whatever stands around the name."""

import pytest
from hypothesis import given, strategies as st

from chat_shared.mentions import MAX_CALLS, calls, places
from chat_shared.names import fold


@pytest.mark.parametrize(
    "text",
    ["@ada", "@Ada", "hi @ADA", "@ada, come", "(@ada)", "@ada: soup?", "@ada's soup", "a\n@ada!"],
)
def test_a_name_behind_an_at_is_called(text: str) -> None:
    assert "ada" in calls(text)


@pytest.mark.parametrize("text", ["ada", "me@ada", "@ ada", "@", "@@", "1@ada", "ada@", ""])
def test_an_address_or_a_bare_name_calls_nobody(text: str) -> None:
    assert "ada" not in calls(text)


def test_a_name_may_end_in_a_sign() -> None:
    assert {"a.", "a"} <= calls("@a. is a name")
    assert "jean-luc" in calls("@jean-luc, engage")


def test_two_at_once_are_both_called() -> None:
    assert {"ada", "ben"} <= calls("@ada and @ben")


def test_a_text_of_nothing_but_calls_is_not_followed_to_its_end() -> None:
    assert len(calls(" ".join(f"@n{n}" for n in range(2_000)))) == MAX_CALLS


@given(st.text(), st.text())
def test_a_call_stays_one_with_anything_behind_it_and_space_between(
    before: str, after: str
) -> None:
    assert "ada" in calls(f"{before[:10]} @ada {after}")


@given(st.text())
def test_whatever_is_called_is_folded(text: str) -> None:
    assert all(name == fold(name) for name in calls(f"@{text}"))


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("hi @ada, come", ["@ada"]),
        ("@ADA's soup for @ben and @ada", ["@ADA", "@ada"]),
        ("me@ada, @adam", []),
        ("", []),
    ],
)
def test_where_somebody_is_called_is_the_at_and_the_name(text: str, called: list[str]) -> None:
    assert [text[since:to] for since, to in places(text, "Ada")] == called


@given(st.text(), st.text(min_size=1, max_size=8))
def test_who_has_a_place_is_called(text: str, name: str) -> None:
    assert bool(places(text, name)) is (fold(name) in calls(text))
