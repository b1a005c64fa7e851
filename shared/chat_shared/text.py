"""Making text safe to show.

Terminals obey what they are sent: an escape sequence in a message can clear a
screen or write a clipboard, an override can turn a line around. Everything
that others wrote goes through `clean` or `clean_line` before it is drawn.
Knows nothing of widgets or of markup.
"""

import re

# What the server refuses in a message: C0 but newline and tab, DEL, and C1.
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

# What no terminal should be handed although a server may store it.
_UNSAFE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f"
    r"\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"  # direction and nothing to see
    r"\ud800-\udfff"  # halves of characters, which no encoder takes
    r"\ufff9-\ufffb\U000e0000-\U000e0fff]"  # annotations; tags that hide text in text
)

_NEWLINES = re.compile("\r\n?|\x0b|\x0c|\x85|\u2028|\u2029")

# Writing needs at most four marks on a letter (Vietnamese two, Hebrew with
# cantillation four); towers of them climb over the neighbouring rows.
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_TOWER = re.compile(f"([{_MARKS}]{{4}})[{_MARKS}]+")

_CONTROL_PICTURES = 0x2400  # U+2400 + n is the visible sign of the control character n


def clean(text: str) -> str:
    """Return `text` harmless to draw: newlines and tabs stay, the rest that acts is shown.

    C0 characters become their control pictures (ESC is drawn as ␛), everything
    else that would act without being seen becomes U+FFFD or disappears.
    Idempotent, and never longer than what it was given.
    """
    return _TOWER.sub(r"\1", _UNSAFE.sub(_visible, _NEWLINES.sub("\n", text)))


def clean_line(text: str) -> str:
    """Return `text` harmless to draw on one row: as `clean`, newlines and tabs become spaces."""
    return clean(text).replace("\n", " ").replace("\t", " ")


def has_controls(text: str) -> bool:
    """Say whether `text` holds a control character that no message may carry."""
    # Nearly every message is printable, which is found out ten times faster.
    return not text.isprintable() and CONTROLS.search(text) is not None


def _visible(match: re.Match[str]) -> str:
    point = ord(match.group())
    if point < 0x20:
        return chr(_CONTROL_PICTURES + point)
    if point == 0x7F:
        return "␡"
    if point < 0xA0 or 0x202A <= point <= 0x202E or 0xD800 <= point <= 0xDFFF:
        return "\ufffd"
    return ""
