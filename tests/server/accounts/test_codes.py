"""Codes that people pass on: well made, and recognized however they are typed."""

import re

from chat_server.accounts.codes import code_digest, make_code, normalize_code


def test_a_code_is_three_groups_that_cannot_be_misread() -> None:
    group = "[0-9a-hjkmnp-tv-z]{4}"

    assert all(re.fullmatch(f"{group}-{group}-{group}", make_code()) for _ in range(100))


def test_no_two_codes_are_alike() -> None:
    assert len({make_code() for _ in range(1_000)}) == 1_000


def test_case_and_surrounding_spaces_do_not_matter() -> None:
    assert normalize_code(" K7QM-2vxh-9RTD\n") == "k7qm-2vxh-9rtd"
    assert code_digest("K7QM-2VXH-9RTD ") == code_digest("k7qm-2vxh-9rtd")


def test_the_digest_does_not_contain_the_code() -> None:
    assert len(code_digest("k7qm-2vxh-9rtd")) == 32
    assert b"k7qm" not in code_digest("k7qm-2vxh-9rtd")
