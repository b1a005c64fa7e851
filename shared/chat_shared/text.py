"""Makes text safe to display.

Terminals obey what they receive: an escape sequence in a message can clear the
screen or write to the clipboard, an override can reverse the text of a line. All text
from others goes through `clean` or `clean_line` before it is drawn.
Knows nothing of widgets or markup.
"""

import re
from unicodedata import category

# What the server refuses in a message: C0 except newline and tab, DEL, and C1.
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

# What a terminal must not receive, although a server may store it.
_UNSAFE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f"
    r"\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"  # direction, invisible
    r"\ud800-\udfff"  # surrogates, which cannot be encoded
    r"\ufff9-\ufffb\U000e0000-\U000e0fff]"  # annotations, and tags that hide text in text
)

_NEWLINES = re.compile("\r\n?|\x0b|\x0c|\x85|\u2028|\u2029")

# Writing systems need at most four marks on a letter (Vietnamese two, Hebrew with
# cantillation four); towers of them, or of joiners, climb over the neighbouring rows
# and cost a terminal as much as a screen of text.
_MAX_MARKS = 4
_VOWELS = "\u1160-\u11ff\ud7b0-\ud7ff"  # Korean ones and finals, drawn into the letter before
_POSSIBLE_TOWER = re.compile(rf"(?:[^\w\s\x00-\x7f]|[{_VOWELS}]){{{_MAX_MARKS + 1},}}")
_ON_A_LETTER = ("Mn", "Me", "Cf")  # categories without a cell of their own

_CONTROL_PICTURES = 0x2400  # U+2400 + n is the visible picture of the control character n


def clean(text: str) -> str:
    """Return `text` safe to draw: newlines and tabs stay, other controls become visible.

    C0 characters become their control pictures (ESC is drawn as ␛), everything
    else that would act without being seen becomes U+FFFD or disappears.
    Idempotent, and never longer than `text`.
    """
    return _POSSIBLE_TOWER.sub(_cut_towers, _UNSAFE.sub(_visible, _NEWLINES.sub("\n", text)))


def clean_line(text: str) -> str:
    """Return `text` safe to draw on one row: as `clean`, with spaces for newlines and tabs."""
    return clean(text).replace("\n", " ").replace("\t", " ")


def has_controls(text: str) -> bool:
    """Return whether `text` contains a control character that messages must not contain."""
    # Nearly every message is printable, and checking that is ten times faster.
    return not text.isprintable() and CONTROLS.search(text) is not None


def _cut_towers(match: re.Match[str]) -> str:
    kept, height = [], 0
    for char in match.group():
        has_no_cell = category(char) in _ON_A_LETTER or char.isalpha()
        height = height + 1 if has_no_cell else 0
        if height <= _MAX_MARKS:
            kept.append(char)
    return "".join(kept)


def _visible(match: re.Match[str]) -> str:
    point = ord(match.group())
    if point < 0x20:
        return chr(_CONTROL_PICTURES + point)
    if point == 0x7F:
        return "␡"
    if point < 0xA0 or 0x202A <= point <= 0x202E or 0xD800 <= point <= 0xDFFF:
        return "\ufffd"
    return ""
