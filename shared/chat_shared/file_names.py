"""Names of files as they may be stored and shown, whatever system they come from or go to.

The server cleans the name of each upload, and a client cleans it again before it saves the
file: neither relies on the other.
"""

import re
from typing import Final
from unicodedata import category, normalize

from chat_shared.limits import MAX_FILE_NAME

NAMELESS: Final = "file"  # for a name of which nothing is left

# Controls, what acts without being seen (as the direction of writing), halves of surrogate pairs,
# and separators of lines.
_REMOVED: Final = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))

# What Windows allows in no name. A colon would even name a hidden part of another file.
_FORBIDDEN: Final = re.compile(r'[<>:"|?*]')

# At either end: a dot hides a file, or Windows drops it, as it does with spaces.
_ENDS: Final = re.compile(r"\A[\s.]+|[\s.]+\Z")

# Names of devices on Windows, with any extension. The last three digits are superscripts.
_DEVICE: Final = re.compile(
    r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9\u00b9\u00b2\u00b3])\s*(?:\.|\Z)",
    re.IGNORECASE,
)

_MAX_EXTENSION: Final = 32  # bytes: what is longer is no extension, and is cut like any text


def clean_file_name(name: str) -> str:
    """Return `name` as a file may be called everywhere; `NAMELESS` if nothing is left of it.

    Only its last part, without folders. At most MAX_FILE_NAME bytes of UTF-8: of a longer one the
    end of the extension stays. Idempotent.
    """
    visible = "".join(char for char in name if category(char) not in _REMOVED)
    last = re.split(r"[/\\]", normalize("NFC", visible).rstrip("/\\"))[-1]
    cleaned = _ENDS.sub("", _FORBIDDEN.sub("_", last))
    if _DEVICE.match(cleaned):
        cleaned = f"_{cleaned}"
    return _ENDS.sub("", _cut(cleaned)) or NAMELESS


def _cut(name: str) -> str:
    """Return `name`, of at most MAX_FILE_NAME bytes, with its extension."""
    if len(name.encode()) <= MAX_FILE_NAME:
        return name
    stem, dot, extension = name.rpartition(".")
    suffix = (dot + extension).encode()
    if not stem or len(suffix) > _MAX_EXTENSION:
        stem, suffix = name, b""
    kept = stem.encode()[: MAX_FILE_NAME - len(suffix)]
    return kept.decode(errors="ignore") + suffix.decode()
