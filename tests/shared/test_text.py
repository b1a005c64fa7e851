"""No control character reaches the screen, and ordinary text is left unchanged."""

import sys
import unicodedata

import pytest
from hypothesis import given

from chat_shared.text import clean, clean_line, has_controls

from .strategies import anything

_EVERYTHING = "".join(map(chr, range(sys.maxunicode + 1)))
_TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}  # UAX 9's names


def _acts(sign: str) -> bool:
    """Return whether `sign` is more than a visible character, by Unicode's own tables."""
    return (
        unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"}
        or unicodedata.bidirectional(sign) in _TURNING
        or sign in "\u061c\u200e\u200f\ufeff"
    )


def _acting(text: str) -> set[str]:
    return {sign for sign in text if _acts(sign)}


@given(anything)
def test_no_control_is_left_but_newline_and_tab(text: str) -> None:
    assert _acting(clean(text)) <= {"\n", "\t"}


@given(anything)
def test_no_control_at_all_is_left_in_a_line(text: str) -> None:
    assert not _acting(clean_line(text))


def test_of_all_characters_none_stays_a_control() -> None:
    assert _acting(clean(_EVERYTHING)) == {"\n", "\t"}
    assert not _acting(clean_line(_EVERYTHING))


@given(anything)
def test_clean_text_stays_unchanged(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert clean_line(clean_line(text)) == clean_line(text)


@given(anything)
def test_nothing_gets_longer(text: str) -> None:
    assert len(clean(text)) <= len(text)
    assert len(clean_line(text)) <= len(text)


@given(anything)
def test_clean_text_can_be_written_to_any_terminal(text: str) -> None:
    assert clean(text).encode().decode() == clean(text)
    assert not has_controls(clean(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Two lines,\n\tone indented.",
        "[/] [bold]not markup here[/bold] \\[",
        "Sieben Töpfe 🍲 für 👩‍👩‍👧 und 🏳️‍🌈",
        "می‌خواهم",  # Persian keeps its zero-width non-joiner
        "שָׁלוֹם עֲלֵיכֶ֖ם",
        "tiếng Việt, e\u0302\u0301 taken apart",
        "👩\u200d👩\u200d👧\u200d👦❤\ufe0f\u200d🔥👍🏽 \u1112\u1161\u11ab\u1100\u116e\u11a8",
        "नमस्ते 語 ｈａｌｆ ﷽",
    ],
)
def test_ordinary_text_is_left_unchanged(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("dirty", "shown"),
    [
        ("\x1b[2J", "␛[2J"),
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("a\x00b\x08c\x7f", "a␀b␈c␡"),
        ("\x9b2J", "\ufffd2J"),  # ESC [ in one byte, to some terminals
        ("1\r\n2\r3\x854\u20285\u20296\x0b7\x0c8\n\r9", "1\n2\n3\n4\n5\n6\n7\n8\n\n9"),
        ("evil\u202etxt.exe\u202c", "evil\ufffdtxt.exe\ufffd"),
        ("\u2066a\u2069\u200eb\u200f\u061cc", "abc"),
        ("a\u200bb\ufeffc\u2060d", "abcd"),
        ("\U000e0041\U000e0042visible", "visible"),
        ("half \ud83d of it", "half \ufffd of it"),
        *((f"a{sign}b", "a\ufffdb") for sign in "\x80\x9f\u202a\u202e\ud800\udfff"),
        *((chr(point), chr(0x2400 + point)) for point in (0x00, 0x08, 0x0E, 0x1F)),
        *(
            (f"Z{mark * 40}!", f"Z{mark * 4}!")
            for mark in ("\u0e31", "\u064b", "\u20dd", "\u200d", "\ufe0f", "\u1160", "\U0001e000")
        ),
        ("🙂" + "\u0301" * 40 + "!", "🙂" + "\u0301" * 4 + "!"),
        ("Z" + "\u0301" * 40 + "!", "Z" + "\u0301" * 4 + "!"),
        ("a\u0300\u0301\u200b\u0302\u0303\u0304", "a\u0300\u0301\u0302\u0303"),
    ],
)
def test_control_characters_are_shown_or_removed(dirty: str, shown: str) -> None:
    assert clean(dirty) == shown


def test_a_line_is_one_row() -> None:
    assert clean_line("a\tb\r\nc\x1b\u2028d") == "a b c␛ d"


def test_messages_may_not_contain_what_unicode_calls_controls() -> None:
    controls = {sign for sign in _EVERYTHING if unicodedata.category(sign) == "Cc"}

    assert {sign for sign in _EVERYTHING if has_controls(sign)} == controls - {"\n", "\t"}


def test_a_control_is_found_anywhere_in_a_text() -> None:
    assert has_controls("all is well\n\tuntil here\x1b")
    assert not has_controls("all is well\n\tand stays so")
