"""The charsets in which programs send texts.

A list, as Python's codecs do more than read text: some take time that grows with the square of the
text, and each unknown name that is looked up stays in memory.
"""

from encodings import normalize_encoding
from encodings.aliases import aliases
from typing import Final

_CODECS: Final = frozenset(
    (
        *("ascii", "utf_8", "utf_8_sig", "latin_1", "koi8_r", "koi8_u", "mac_roman", "cp437"),
        *("utf_16", "utf_16_le", "utf_16_be", "utf_32", "utf_32_le", "utf_32_be"),
        *(f"iso8859_{number}" for number in (*range(2, 12), *range(13, 17))),
        *(f"cp{number}" for number in (850, 852, 866, 874, 932, 949, 950, *range(1250, 1259))),
        *("shift_jis", "euc_jp", "iso2022_jp", "gb2312", "gbk", "gb18030", "big5", "euc_kr"),
    )
)


class UnknownCharset(Exception):
    """No text can be read in this charset."""


def codec_of(charset: str) -> str:
    """Return Python's codec for a charset; for none, that of UTF-8. Raises UnknownCharset."""
    name = normalize_encoding(charset or "utf-8").lower()
    codec = aliases.get(name, name)
    if codec not in _CODECS:
        raise UnknownCharset
    return codec


def decode(data: bytes, charset: str) -> str:
    """Return a text that somebody else has written, with U+FFFD for what is not in its charset.

    Without a charset it is UTF-8. Raises UnknownCharset.
    """
    return data.decode(codec_of(charset), errors="replace").removeprefix("\ufeff")
