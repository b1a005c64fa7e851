"""Until when and why somebody is kept out, and the sentences they read."""

import pytest

from chat_server.rooms.sanctions import MOST_YEARS, banned, check_line, end_of, muted
from chat_server.store.api import Sanction
from chat_shared.errors import Code, Refused

NOW = 1_800_000_000_000  # 2027-01-15T08:00:00Z


def test_without_an_end_it_is_for_good() -> None:
    assert end_of("", NOW) == 0
    assert Sanction(1, 1, 0, "").holds(2**60)


def test_it_holds_until_its_end_and_then_no_more() -> None:
    end = end_of("2027-01-15T08:00:00.001Z", NOW)
    sanction = Sanction(1, 1, end, "")

    assert sanction.holds(NOW)
    assert not sanction.holds(NOW + 1)


@pytest.mark.parametrize(
    ("until", "sentence"),
    [
        ("soon", "written like this: 2026-11-30T18:00:00Z"),
        ("2027-01-15T08:00:00Z", "in the future"),
        ("2037-01-15T00:00:00Z", f"within {MOST_YEARS} years. Leave it out to mean for good"),
    ],
)
def test_an_end_that_is_none_is_refused_with_what_to_do(until: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence) as caught:
        end_of(until, NOW)
    assert caught.value.code is Code.BAD_REQUEST


def test_a_line_loses_the_space_around_it() -> None:
    assert check_line("  as is, inside  ", 17, "reason") == "as is, inside"
    assert check_line("", 5, "reason") == ""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("123456", Code.TOO_LONG),
        ("1\n2", Code.BAD_REQUEST),
        ("1\t2", Code.BAD_REQUEST),
        ("1\u2028", Code.BAD_REQUEST),
        ("\u2028", Code.BAD_REQUEST),
    ],
)
def test_what_is_no_line_is_refused(text: str, code: Code) -> None:
    with pytest.raises(Refused, match=r"^A reason ") as caught:
        check_line(text, 5, "reason")
    assert caught.value.code is code


def test_whom_it_concerns_is_told_until_when_and_why() -> None:
    for_good, for_now = Sanction(1, 1, 0, ""), Sanction(1, 1, NOW, "Spam.")

    assert str(muted("Kitchen", for_good)) == "You are muted in Kitchen for good."
    assert str(banned("Kitchen", for_now)) == (
        "You are banned from Kitchen until 2027-01-15 08:00:00 UTC. The reason given: Spam."
    )
