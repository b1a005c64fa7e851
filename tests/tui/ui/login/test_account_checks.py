"""Names and passwords are checked while they are typed, before a server is asked."""

import pytest

from chat_tui.ui.login.account_checks import problem_of_name, problem_of_password


@pytest.mark.parametrize("name", ["ada", "Zoë", "x" * 32])
def test_a_valid_name_is_no_problem(name: str) -> None:
    assert problem_of_name(name) == ""


@pytest.mark.parametrize("name", ["two words", ".ada"])
def test_an_invalid_name_is_a_problem(name: str) -> None:
    assert problem_of_name(name).startswith("A name ")


def test_the_characters_of_a_name_that_is_too_long_are_counted() -> None:
    assert problem_of_name("x" * 33) == "The name has 33 characters; the limit is 32."


def test_missing_characters_of_a_short_password_are_counted() -> None:
    assert problem_of_password("corre") == "At least 8 characters (3 more)."
    assert problem_of_password("correct horse") == ""
    assert "can't contain control characters" in problem_of_password("correct\x07horse")
