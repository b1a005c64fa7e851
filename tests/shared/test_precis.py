"""The profiles decide as the library does, in linear time."""

import sys
from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st
from precis_i18n import get_profile
from precis_i18n.profile import Profile

from chat_shared.precis import COMPARED_NAME, PASSWORD, SHOWN_NAME

from .strategies import anything

_PROFILES = [
    (SHOWN_NAME, "UsernameCasePreserved"),
    (COMPARED_NAME, "UsernameCaseMapped"),
    (PASSWORD, "OpaqueString"),
]

# Every character with a rule about its neighbors or about the whole text, and what it asks for.
_RULED = st.text("·lL\u0375α\u05f3\u05f4א\u30fbカかヶ漢٠٩۰۹اب\u200c\u200dक्aé", max_size=12)

# Each repeated, these are the longest ways through the rules.
_UNITS = [
    "a",
    "カ",
    "・",
    "・カ",
    "٠",
    "۰",
    "l·l",
    "א׳",
    "ب\u200c",
    "क्\u200d",
    "e\u0301",
    "ᾂ",
    "Ａ",
]


def _outcome(enforce: Callable[[str], str], text: str) -> str | tuple[str, int]:
    """Return the prepared text, or why and where it cannot be prepared."""
    try:
        return enforce(text)
    except UnicodeEncodeError as exc:
        return exc.reason, exc.start


@pytest.mark.parametrize(("profile", "name"), _PROFILES)
@given(text=anything | _RULED)
def test_every_text_has_the_outcome_that_the_library_gives_it(
    profile: Profile, name: str, text: str
) -> None:
    assert _outcome(profile.enforce, text) == _outcome(get_profile(name).enforce, text)


def _calls(profile: Profile, text: str) -> int:
    """Return how many calls it takes to prepare `text`."""
    calls = 0

    def count(_: object, event: str, __: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        _outcome(profile.enforce, text)
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize("end", ["", "カ", "b"])
@pytest.mark.parametrize("unit", _UNITS)
@pytest.mark.parametrize("profile", [profile for profile, _ in _PROFILES])
def test_four_times_the_text_takes_four_times_the_work(
    profile: Profile, unit: str, end: str
) -> None:
    one, four = (_calls(profile, unit * times + end) for times in (64, 256))

    assert four <= 4 * one + 100
