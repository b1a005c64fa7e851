"""The end and the reason of a ban or mute, and the sentences about them."""

import pytest

from chat_server.rooms.sanctions import (
    MAX_YEARS,
    banned_error,
    check_line,
    muted_error,
    parse_until,
)
from chat_server.store.api import Sanction
from chat_shared.errors import Code, Refused

NOW = 1_800_000_000_000  # 2027-01-15T08:00:00Z


def test_without_an_end_a_sanction_holds_until_lifted() -> None:
    assert parse_until("", NOW) == 0
    assert Sanction(1, 1, 0, "").holds(2**60)


def test_a_sanction_holds_until_its_end() -> None:
    end = parse_until("2027-01-15T08:00:00.001Z", NOW)
    sanction = Sanction(1, 1, end, "")

    assert sanction.holds(NOW)
    assert not sanction.holds(NOW + 1)


def test_a_sanction_can_last_for_years() -> None:
    assert parse_until("2036-12-31T00:00:00Z", NOW) == 2_114_294_400_000


@pytest.mark.parametrize(
    ("until", "sentence"),
    [
        ("soon", "a time such as 2026-11-30T18:00:00Z"),
        ("2027-01-15T08:00:00Z", "in the future"),
        ("2037-01-15T00:00:00Z", f"at most {MAX_YEARS} years. Leave the duration out for no end"),
    ],
)
def test_an_invalid_end_is_refused_with_what_to_do(until: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence) as caught:
        parse_until(until, NOW)
    assert caught.value.code is Code.BAD_REQUEST


def test_spaces_around_a_line_are_removed() -> None:
    assert check_line("  as is, inside  ", 17, "The reason") == "as is, inside"
    assert check_line("", 5, "The reason") == ""


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
def test_an_invalid_line_is_refused(text: str, code: Code) -> None:
    with pytest.raises(Refused, match=r"^The reason ") as caught:
        check_line(text, 5, "The reason")
    assert caught.value.code is code


def test_the_refusal_contains_the_end_and_the_reason() -> None:
    permanent, temporary = Sanction(1, 1, 0, ""), Sanction(1, 1, NOW, "Spam.")

    muted, banned = muted_error("Kitchen", permanent), banned_error("Kitchen", temporary)

    assert (str(muted), muted.until) == ("You're muted in Kitchen.", "")
    assert str(banned) == "You're banned from Kitchen. Reason: Spam."
    assert banned.until == "2027-01-15T08:00:00.000Z"  # the client writes it in its own time
