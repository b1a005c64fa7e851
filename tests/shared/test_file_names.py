"""Names of files are safe on every system, and stay recognizable."""

from unicodedata import category, normalize

import pytest
from hypothesis import example, given, strategies as st

from chat_shared.file_names import NAMELESS, clean_file_name
from chat_shared.limits import MAX_FILE_NAME

_LONG = "ü" * 200


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("report.pdf", "report.pdf"),
        ("Bericht für Ümit (3).tar.gz", "Bericht für Ümit (3).tar.gz"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\windows\\system32\\cmd.exe", "cmd.exe"),
        ("folder/", "folder"),
        ("..", NAMELESS),
        ("", NAMELESS),
        (" . . ", NAMELESS),
        (".bashrc", "bashrc"),
        ("notes.txt. .", "notes.txt"),
        ("\x1b[2Jclear\x07\n.txt", "[2Jclear.txt"),
        ("cod\u202egpj.exe", "codgpj.exe"),
        ("zero\u200bwidth\ufeff.txt", "zerowidth.txt"),
        ("half\ud83d.txt", "half.txt"),
        ("line\u2028break.txt", "linebreak.txt"),
        ("e\u0301.txt", "é.txt"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("Com1 .log", "_Com1 .log"),
        ("LPT\u00b9", "_LPT\u00b9"),
        ("console.log", "console.log"),
        ("report.pdf:hidden.exe", "report.pdf_hidden.exe"),
        ('a<b>c"d|e?f*g', "a_b_c_d_e_f_g"),
    ],
)
def test_what_would_do_harm_goes_and_the_rest_stays(name: str, cleaned: str) -> None:
    assert clean_file_name(name) == cleaned


def test_a_long_name_keeps_its_extension() -> None:
    cleaned = clean_file_name(f"{_LONG}.tar.gz")

    assert cleaned.endswith("ü.gz")
    assert MAX_FILE_NAME - 1 <= len(cleaned.encode()) <= MAX_FILE_NAME


def test_an_extension_that_is_too_long_for_one_is_cut() -> None:
    cleaned = clean_file_name(f"a.{_LONG}")

    assert cleaned == f"a.{'ü' * 126}"


@given(st.text())
@example(f"{_LONG}.{'x' * 40}")
@example("a" * 254 + ". .b")
@example("<\u0338")
@example("\u200b.con")
@example(f"{'a' * 230} .{' ' * 40}")
def test_any_name_becomes_one_that_is_safe_everywhere(name: str) -> None:
    cleaned = clean_file_name(name)

    assert 1 <= len(cleaned.encode()) <= MAX_FILE_NAME
    assert cleaned == normalize("NFC", cleaned)
    assert not set('/\\<>:"|?*') & set(cleaned)
    assert not {"Cc", "Cf", "Cs", "Zl", "Zp"} & set(map(category, cleaned))
    assert cleaned == cleaned.strip().strip(".")
    assert cleaned.partition(".")[0].strip().upper() not in {"CON", "PRN", "AUX", "NUL", "COM1"}
    assert clean_file_name(cleaned) == cleaned
