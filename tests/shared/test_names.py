"""Names that look the same to people are the same; invalid ones are refused."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import assume, given, strategies as st

from chat_shared.errors import Code, Refused
from chat_shared.limits import MAX_NAME, MAX_PASSWORD, MIN_PASSWORD
from chat_shared.names import (
    check_account_name,
    check_guest_name,
    check_name,
    check_new_name,
    check_password,
    fold,
    is_direct,
    prepare_password,
)
from chat_shared.precis import COMPARED_NAME
from chat_shared.text import has_controls

from .strategies import anything

_letters = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=MAX_NAME)
_TOWERING = "ᾂ" * MAX_NAME  # each decomposes into four


def _outcome(check: Callable[[str], str], text: str) -> str | Code:
    """Return the result of `check` for `text`, or the code of its refusal."""
    try:
        return check(text)
    except Refused as refused:
        return refused.code


def _name(text: str) -> str:
    """Return `text` as a name, or reject the example."""
    shown = _outcome(check_name, text)
    assume(not isinstance(shown, Code))
    return shown


@given(anything | _letters)
def test_no_name_that_can_be_chosen_is_the_name_of_direct_messages(text: str) -> None:
    assert not is_direct(_name(text))


@given(anything | _letters)
def test_a_text_is_a_name_or_is_refused_with_bad_name(text: str) -> None:
    shown = _outcome(check_name, text)

    if isinstance(shown, Code):
        assert shown is Code.BAD_NAME
        return
    assert 1 <= len(shown) <= MAX_NAME
    assert shown[0].isalnum()
    assert not any(sign.isspace() for sign in shown)
    assert not has_controls(shown)


@given(_letters)
def test_a_checked_name_is_valid_unchanged(text: str) -> None:
    shown = _name(text)

    assert check_name(shown) == shown


@given(anything | _letters)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(_letters)
def test_a_name_has_the_same_key_as_typed_and_as_shown(text: str) -> None:
    assert fold(_name(text)) == fold(text)


@given(_letters)
def test_decomposing_letters_makes_no_other_name(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", _name(text))) == fold(text)


@given(st.text("abcxyzäßøđ0189-_.", min_size=1, max_size=MAX_NAME))
def test_the_case_of_letters_makes_no_other_name(text: str) -> None:
    shouted = "".join(sign.upper() if len(sign.upper()) == 1 else sign for sign in _name(text))

    assert fold(shouted) == fold(text)


@pytest.mark.parametrize("spelling", ["Ada", "ada", "ADA", "Ａｄａ", "ａｄａ"])
def test_ada_is_ada_however_she_is_typed(spelling: str) -> None:
    assert fold(spelling) == "ada"


@pytest.mark.parametrize("other", ["Adá", "Adа", "Ada1", "A.da"])  # one of them in Cyrillic
def test_ada_is_the_same_as_no_other_name(other: str) -> None:
    assert fold(other) != "ada"


def test_a_name_is_shown_in_the_case_it_was_chosen_in() -> None:
    assert check_name("McAda-2") == "McAda-2"
    assert check_name("Ａｄａ") == "Ada"
    assert check_name("Zoe\u0308") == "Zoë"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "can't be empty"),
        ("x" * 33, "The name has 33 characters; the limit is 32."),
        (" " * 65_000, "has 65,000 characters"),  # not examined
        ("e\u0301" * 33, "has 33 characters"),
        ("\u0958" * 17, "has 34 characters"),  # NFC decomposes each
        ("-ada", "start with"),
        (".ada", "start with"),
        ("\u0301ada", "start with"),
        ("ada lovelace", "no spaces"),
        ("ada\n", "no spaces"),
        ("ada\x00", "no spaces"),
        ("ada\x1b[2J", "no spaces"),
        ("ada\u202e", "no spaces"),
        ("ada\u200b", "no spaces"),
        ("\ud800", "no spaces"),
        ("ﬁn", "no spaces"),  # a ligature, which looks like two letters
        ("אa", "no spaces"),  # RFC 5893: no word in two directions
    ],
)
def test_an_invalid_name_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason) as caught:
        check_name(text)

    assert caught.value.code is Code.BAD_NAME


@pytest.mark.parametrize("text", ["", "no name", "\x1b", "\ud800", "אa"])
def test_an_invalid_name_folds_to_itself(text: str) -> None:
    assert fold(text) == text


def test_the_longest_name_is_known_by_its_longest_spelling() -> None:
    spelling = unicodedata.normalize("NFD", _TOWERING)

    assert len(spelling) == 4 * MAX_NAME
    assert check_name(spelling) == check_name(_TOWERING) == _TOWERING
    assert fold(spelling) == fold(check_name(_TOWERING))


def test_a_text_too_long_for_any_name_is_not_processed() -> None:
    assert fold("A" * (4 * MAX_NAME)) == "a" * (4 * MAX_NAME)
    assert fold("A" * (4 * MAX_NAME + 1)) == "A" * (4 * MAX_NAME + 1)


@given(anything)
def test_a_password_is_prepared_or_refused_as_weak(text: str) -> None:
    prepared = _outcome(check_password, text)

    if isinstance(prepared, Code):
        assert prepared is Code.WEAK_PASSWORD
        return
    assert prepare_password(text) == prepare_password(prepared) == prepared


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("क्\u200dष", "invisible"),
        ("a" + "\u0301" * 5, "at most 4"),
        ("a" + "\u0323" * 3 + "\u0301" * 28, "at most 4"),
    ],
)
def test_a_new_name_has_nothing_invisible_and_no_tower_of_marks(name: str, why: str) -> None:
    assert check_name(name)  # that of an old account or room
    with pytest.raises(Refused, match=why) as caught:
        check_new_name(name)

    assert caught.value.code is Code.BAD_NAME


@pytest.mark.parametrize("name", ["क्ष", "हिन्दी", "Việt", "שָׁלוֹם", "a" + "\u0301" * 4])
def test_a_new_name_can_have_the_marks_that_writing_needs(name: str) -> None:
    assert check_new_name(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    "name", ["Server", "operator", "ＡＤＭＩＮ", "general", "guest", "ada(owner)", "a(b", "a)b"]
)
def test_no_person_can_be_called_as_a_part_of_the_server(name: str) -> None:
    assert check_new_name(name)
    with pytest.raises(Refused) as caught:
        check_account_name(name)

    assert caught.value.code is Code.BAD_NAME


@pytest.mark.parametrize("name", ["x" * (MAX_NAME - 5), "guest-" + "x" * (MAX_NAME - 5)])
def test_the_limit_of_a_guests_name_is_that_of_what_they_choose(name: str) -> None:
    with pytest.raises(Refused, match=r"has 27 characters; the limit is 26"):
        check_guest_name(name)


@pytest.mark.parametrize("name", ["guest-mia", "Guest-Mia", "ｇｕｅｓｔ－ｍｉａ"])
def test_the_names_of_guests_are_theirs(name: str) -> None:
    with pytest.raises(Refused, match="for guests") as caught:
        check_account_name(name)

    assert caught.value.code is Code.BAD_NAME
    assert fold(check_guest_name(name)) == "guest-mia"
    assert check_guest_name("Mia") == "guest-Mia"


@pytest.mark.parametrize(
    "name", ["", "x" * (MAX_NAME - 5), "admin", "guest", "guest-guest-a", "a b", "k7qm-2vxh-9rtd"]
)
def test_what_follows_the_prefix_of_a_guest_is_a_name(name: str) -> None:
    with pytest.raises(Refused) as caught:
        check_guest_name(name)

    assert caught.value.code is Code.BAD_NAME


@pytest.mark.parametrize("length", [0, MIN_PASSWORD - 1, MAX_PASSWORD + 1])
def test_a_password_has_a_minimum_and_a_maximum_length(length: int) -> None:
    with pytest.raises(Refused, match="8 to 256") as caught:
        check_password("x" * length)

    assert caught.value.code is Code.WEAK_PASSWORD


@pytest.mark.parametrize("length", [MIN_PASSWORD, MAX_PASSWORD])
def test_the_shortest_and_the_longest_password_are_passwords(length: int) -> None:
    assert check_password("x" * length) == "x" * length


@pytest.mark.parametrize("letter", ["é", "ḗ"])
def test_a_password_is_as_long_however_its_letters_are_spelt(letter: str) -> None:
    spelt = unicodedata.normalize("NFD", letter)

    assert len(spelt) > 1
    assert check_password(spelt * MAX_PASSWORD) == check_password(letter * MAX_PASSWORD)
    for number in MIN_PASSWORD - 1, MAX_PASSWORD + 1:
        with pytest.raises(Refused, match="8 to 256"):
            check_password(spelt * number)


@pytest.mark.parametrize("emoji", ["❤\ufe0f", "👩\u200d💻"])
def test_an_emoji_with_an_invisible_part_is_refused_in_a_true_sentence(emoji: str) -> None:
    with pytest.raises(Refused, match="nor invisible ones"):
        check_password(f"correct {emoji} horse")


def test_a_password_keeps_its_case_and_its_spaces() -> None:
    assert check_password("Correct Horse ") == "Correct Horse "


def test_the_same_keys_are_the_same_password_on_every_system() -> None:
    assert prepare_password("Zoe\u0308\u00a0horse") == prepare_password("Zoë horse")


def test_a_password_with_a_control_character_is_refused() -> None:
    with pytest.raises(Refused, match="control characters"):
        check_password("correct\x00horse")


@pytest.mark.parametrize("text", ["", "\x00", "x" * (MAX_PASSWORD + 1), "x" * 65_000])
def test_a_password_that_cannot_be_chosen_has_no_form_to_compare(text: str) -> None:
    with pytest.raises(UnicodeEncodeError):
        prepare_password(text)


@pytest.mark.parametrize("name", ["Ada", "ada.b", "generalissimo", "字"])
def test_a_person_may_have_any_other_name(name: str) -> None:
    assert check_account_name(name) == name


def test_only_direct_messages_have_names_that_no_room_can_have() -> None:
    assert is_direct("@1-2")
    with pytest.raises(Refused):
        check_name("@1-2")


@given(st.text(st.characters(max_codepoint=0x7F), max_size=40))
def test_what_is_plain_ascii_folds_as_the_profile_says(name: str) -> None:
    try:
        folded = COMPARED_NAME.enforce(name)
    except UnicodeEncodeError:
        folded = name

    assert fold(name) == folded
