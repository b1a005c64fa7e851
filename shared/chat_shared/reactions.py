"""When two reactions are the same: the same answer at both ends."""

import re
from typing import Final
from unicodedata import category, normalize

# Characters that choose how the one before them is drawn: in black and white or in color.
_VARIATIONS: Final = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_JOINER: Final = "\u200d"
_BLACK_FLAG: Final = "\U0001f3f4"  # the tags after it say which country it is of


def reaction_key(emoji: str) -> str:
    """Return the key of a reaction: those with equal keys are one, however they are spelt.

    Without what cannot be seen: variation selectors, and format characters except for a
    joiner between two others and the tags of a flag.
    """
    plain = normalize("NFC", _VARIATIONS.sub("", emoji))
    if plain.startswith(_BLACK_FLAG):
        return plain
    seen = "".join(char for char in plain if char == _JOINER or category(char) != "Cf")
    return _JOINER.join(filter(None, seen.split(_JOINER)))
