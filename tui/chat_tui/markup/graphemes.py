"""What a reader takes for one character, which the cursor never stands inside of.

The extended grapheme clusters of UAX #29: a letter with its marks, an emoji with all it is
joined of, the two letters of a flag, a Korean syllable.
"""

from itertools import pairwise
from typing import Final
from unicodedata import category

_JOINER: Final = "\u200d"
_FLAG_LETTERS: Final = ("\U0001f1e6", "\U0001f1ff")
_MODIFIERS: Final = ("\U0001f3fb", "\U0001f3ff")  # skin tones
_TAGS: Final = ("\U000e0020", "\U000e007f")
_LEADING: Final = (("\u1100", "\u115f"), ("\ua960", "\ua97c"))
_VOWELS: Final = (("\u1160", "\u11a7"), ("\ud7b0", "\ud7c6"))
_FINALS: Final = (("\u11a8", "\u11ff"), ("\ud7cb", "\ud7fb"))
_SYLLABLES: Final = ("\uac00", "\ud7a3")


def boundaries(text: str) -> list[int]:
    """Return where the cursor may stand in `text`: before, between and after its characters."""
    if text.isascii():
        return list(range(len(text) + 1))
    found, flag_letters = [0], 0
    for at, (last, char) in enumerate(pairwise(text), start=1):
        flag_letters = flag_letters + 1 if _is(last, _FLAG_LETTERS) else 0
        if not (_extends(last, char) or (flag_letters % 2 and _is(char, _FLAG_LETTERS))):
            found.append(at)
    return [*found, len(text)] if text else found


def _extends(last: str, char: str) -> bool:
    """Return whether `char` belongs to the character that `last` is a part of."""
    if last == "\n":
        return False
    if category(char).startswith("M") or char in (_JOINER, "\u200c"):
        return True
    if _is(char, _MODIFIERS, _TAGS):
        return True
    return (last == _JOINER and category(char) == "So") or _continues_syllable(last, char)


def _continues_syllable(last: str, char: str) -> bool:
    if _is(char, *_FINALS):
        return _is(last, *_VOWELS, *_FINALS, _SYLLABLES)
    if _is(char, *_VOWELS):
        return _is(last, *_LEADING, *_VOWELS, _SYLLABLES)
    return _is(last, *_LEADING) and _is(char, *_LEADING, _SYLLABLES)


def _is(char: str, *ranges: tuple[str, str]) -> bool:
    return any(first <= char <= last for first, last in ranges)
