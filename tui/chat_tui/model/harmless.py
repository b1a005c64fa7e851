"""Which files a program shows, and which it may run. Pure.

Only what is known to be looked at counts as harmless: nobody can list all that some program runs.
"""

from pathlib import PurePath
from typing import Final

_LOOKED_AT: Final = frozenset(
    [
        ".png",
        ".jpg",
        ".jpeg",
        ".gif",
        ".webp",
        ".bmp",
        ".tif",
        ".tiff",
        ".heic",
        ".avif",
        ".pdf",
        ".txt",
        ".md",
        ".log",
        ".csv",
        ".tsv",
        ".json",
        ".rtf",
        ".epub",
        ".odt",
        ".ods",
        ".odp",
        ".docx",
        ".xlsx",
        ".pptx",
        ".mp3",
        ".ogg",
        ".oga",
        ".opus",
        ".flac",
        ".wav",
        ".m4a",
        ".mp4",
        ".m4v",
        ".mov",
        ".mkv",
        ".webm",
        ".avi",
        ".ics",
        ".vcf",
    ]
)
# How programs begin, whatever they are called: ELF, Windows, scripts, Mach-O, entries of a menu.
_PROGRAMS: Final = (
    *(b"\x7fELF", b"MZ", b"#!", b"[Desktop Entry]"),
    *(b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"),
    b"\xca\xfe\xba\xbe",
)
LOOKED_AT_FIRST: Final = 512  # bytes of a file that `may_run` needs


def may_run(name: str, start: bytes) -> bool:
    """Return whether opening a file may run it, by its name and its first bytes."""
    begins = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    return PurePath(name).suffix.lower() not in _LOOKED_AT or begins.startswith(_PROGRAMS)
