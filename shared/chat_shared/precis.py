"""The PRECIS profiles of RFC 8265 (names, passwords), checked in linear time.

`precis_i18n` looks at a whole text again for each katakana middle dot and each Arabic
digit in it, so 256 of them took 57 ms. Here each such character is examined once.
"""

import re
from typing import Final

from precis_i18n.baseclass import FreeFormClass, IdentifierClass
from precis_i18n.profile import OpaqueString, Profile, Username
from precis_i18n.unicode import UnicodeData

# The characters whose rules (RFC 5892, A.7 to A.9) ask what else is in the text, wherever.
_ASKS_WHOLE_TEXT: Final = re.compile("[\u30fb\u0660-\u0669\u06f0-\u06f9]")

# Allowed everywhere, and nothing to any rule about neighbors.
_NEUTRAL: Final = "a"


def _asked_once(text: str) -> str:
    """Return `text` with each character that asks about the whole of it kept only once."""
    asked: set[str] = set()

    def once(match: re.Match[str]) -> str:
        char = match.group()
        if char in asked:
            return _NEUTRAL
        asked.add(char)
        return char

    return _ASKS_WHOLE_TEXT.sub(once, text)


class _Identifier(IdentifierClass):
    def enforce(self, value: str, codec_name: str | None = None) -> str:
        super().enforce(_asked_once(value), codec_name)
        return value


class _FreeForm(FreeFormClass):
    def enforce(self, value: str, codec_name: str | None = None) -> str:
        super().enforce(_asked_once(value), codec_name)
        return value


class _Username(Username):
    def __init__(self, ucd: UnicodeData, name: str, casemap: str | None = None) -> None:
        super().__init__(ucd, name, casemap)
        self._base = _Identifier(ucd)


class _OpaqueString(OpaqueString):
    def __init__(self, ucd: UnicodeData, name: str) -> None:
        super().__init__(ucd, name)
        self._base = _FreeForm(ucd)


_UNICODE: Final = UnicodeData()

# Each has `enforce`, which returns the prepared text or raises UnicodeEncodeError.
SHOWN_NAME: Final[Profile] = _Username(_UNICODE, "UsernameCasePreserved")
COMPARED_NAME: Final[Profile] = _Username(_UNICODE, "UsernameCaseMapped", "lower")
PASSWORD: Final[Profile] = _OpaqueString(_UNICODE, "OpaqueString")
