"""Somebody who types is told what is missing before a server is asked."""

import pytest

from chat_tui.ui.login.account_checks import problem_of_name, problem_of_password


@pytest.mark.parametrize("name", ["ada", "Zoë", "x" * 32])
def test_a_name_that_can_be_had_is_no_problem(name: str) -> None:
    assert problem_of_name(name) == ""


@pytest.mark.parametrize("name", ["two words", ".ada", "x" * 33])
def test_a_name_that_nobody_can_have_is_one(name: str) -> None:
    assert problem_of_name(name).startswith("A name ")


def test_a_password_is_counted_up_to_its_shortest() -> None:
    assert problem_of_password("corre") == "At least 8 characters: 3 more."
    assert problem_of_password("correct horse") == ""
    assert problem_of_password("correct\x07horse") == "A password can't contain control characters."
