"""What a message's text and a reaction may contain."""

import unicodedata
from typing import Final

from chat_shared.errors import Code, Refused
from chat_shared.lengths import too_long
from chat_shared.limits import MAX_EMOJI, MAX_TEXT
from chat_shared.text import has_controls

# Marks, spaces, joiners and the like: alone they draw nothing.
_INVISIBLE: Final = frozenset(("Mn", "Mc", "Me", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co"))
# Nor do these, which Unicode counts among letters and symbols: four Hangul fillers, Braille
# without a dot, the object replacement character, and a note without a head.
_EMPTY: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800\ufffc\U0001d159")
# A character without a category may be an emoji that is newer than this Python, once it gets here.
_EMOJIS: Final = range(0x1F000, 0x1FFFE)


def check_text(text: str, *, empty: bool = False) -> None:
    """Raise Refused (too_long, bad_request) unless `text` can be a message, or `empty` if set."""
    if sentence := too_long("The message", text, MAX_TEXT):
        raise Refused(Code.TOO_LONG, sentence)
    if not text and not empty:
        raise Refused(Code.BAD_REQUEST, "A message can't be empty.")
    if has_controls(text):
        raise Refused(
            Code.BAD_REQUEST,
            "A message can't contain control characters other than line breaks and tabs.",
        )


def check_emoji(emoji: str) -> None:
    """Raise Refused (bad_request) unless `emoji` can be a reaction."""
    if not 1 <= len(emoji) <= MAX_EMOJI:
        raise Refused(Code.BAD_REQUEST, f"A reaction must have 1 to {MAX_EMOJI} characters.")
    if has_controls(emoji) or any(map(str.isspace, emoji)):
        raise Refused(Code.BAD_REQUEST, "A reaction can't contain spaces or control characters.")
    if not any(map(_is_visible, emoji)):
        raise Refused(Code.BAD_REQUEST, "A reaction must be visible.")


def _is_visible(char: str) -> bool:
    category = unicodedata.category(char)
    if category == "Cn":
        return ord(char) in _EMOJIS
    return category not in _INVISIBLE and char not in _EMPTY
