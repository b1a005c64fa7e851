"""Which files are pictures: by their first bytes, whatever their name says.

SVG is none: it is a program in disguise.
"""

from typing import Final

HEAD: Final = 12  # bytes that tell

_TYPES: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


def picture_type(head: bytes) -> str:
    """Return the media type of the picture that begins with `head`; empty for any other file."""
    if head.startswith(b"RIFF") and head[8:HEAD] == b"WEBP":
        return "image/webp"
    return next((type for start, type in _TYPES if head.startswith(start)), "")
