"""Texts in the charsets that programs name."""

import encodings
from encodings.aliases import aliases

import pytest

from chat_tui.gateway.web.charsets import _CODECS, UnknownCharset, codec_of, decode

TEXT = "Grün"


@pytest.mark.parametrize(
    "charset",
    [
        *("utf-8", "UTF8", "utf-16", "UTF-16LE", "utf-16be", "utf-32", "ISO-8859-1", "latin1"),
        *("iso-8859-15", "windows-1252", "cp850", "gb18030", "macintosh"),
    ],
)
def test_a_text_is_read_in_its_charset(charset: str) -> None:
    assert decode(TEXT.encode(charset), charset) == TEXT


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        (TEXT.encode(), "", TEXT),
        (TEXT.encode("utf-8-sig"), "", TEXT),
        (TEXT.encode("utf-8-sig"), "utf-8", TEXT),
        ("\ufeff".encode("utf-16-be") + TEXT.encode("utf-16-be"), "utf-16be", TEXT),
        ("\u30c6".encode("shift_jis"), "Shift_JIS", "\u30c6"),
        (b"Gr\xfcn", "", "Gr\ufffdn"),
        (b"Gr\xfcn", "us-ascii", "Gr\ufffdn"),
        (b"G\0r", "utf-16le", "G\ufffd"),
    ],
)
def test_what_is_not_in_its_charset_is_marked(data: bytes, charset: str, text: str) -> None:
    assert decode(data, charset) == text


@pytest.mark.parametrize(
    "charset",
    [
        *("no-such", "rot13", "base64", "zlib", "unicode_escape", "idna", "punycode", "utf-7"),
        *("undefined", "mbcs", "..", "\0", "a" * 4_000),
    ],
)
def test_what_only_python_takes_for_a_charset_is_unknown(charset: str) -> None:
    with pytest.raises(UnknownCharset):
        codec_of(charset)


def test_names_that_are_unknown_do_not_stay_in_memory() -> None:
    with pytest.raises(UnknownCharset):
        codec_of("a-name-nobody-else-uses")
    assert not any("nobody_else" in name for name in encodings._cache)


def test_all_that_are_known_read_text() -> None:
    for codec in _CODECS:
        assert "a".encode(codec).decode(codec) == "a"
        assert codec_of(codec) == aliases.get(codec, codec)
