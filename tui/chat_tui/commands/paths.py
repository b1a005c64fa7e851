"""Paths of files as they are typed after /upload, completed, or pasted by a terminal. Pure.

A terminal pastes the path of a file that is dragged onto it: quoted, escaped, as a URI or as it is.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias
from urllib.parse import unquote

from chat_shared.limits import MAX_FILES

_CAPTION: Final = "--"  # between the paths and the text of the message
_URI: Final = re.compile(r"file://(?:localhost)?(?=/)", re.IGNORECASE)
_LONGEST: Final = MAX_FILES * 4_096  # characters of a paste: that many of the longest paths

# Quotes without an end are letters: a name may have an apostrophe.
_PIECE: Final = re.compile(
    r"""\\(?P<escaped>.)|"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>[^']*)'|(?P<plain>\S)""",
    re.DOTALL,
)
_WORD: Final = re.compile(rf"(?:{re.sub(r'[?]P<[a-z]+>', '?:', _PIECE.pattern)})+", re.DOTALL)
_BEGINS: Final = re.compile(r"\s+(?=(?:~|\.{1,2})?/)")  # before a path that is not relative
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_SPECIAL: Final = re.compile(r"""([\s"'\\])""")

Alternatives: TypeAlias = Sequence[Sequence[str]]
"""What may be meant, the likeliest first: that of which all files exist."""


class Upload(NamedTuple):
    """Files to upload, and the text of their message."""

    alternatives: Alternatives
    caption: str


def read_upload(typed: str) -> Upload:
    """Return what is meant by the arguments of /upload: paths, perhaps -- and a caption."""
    words: list[str] = []
    end, caption = len(typed), ""
    for match in _WORD.finditer(typed):
        if match.group() == _CAPTION:
            end, caption = match.start(), typed[match.end() :].strip()
            break
        words.append(_meaning(match.group()))
    typed = typed[:end].strip()
    if len(words) < 2:
        return Upload((words,), caption)
    return Upload(((typed,), _BEGINS.split(typed), words), caption)  # spaces that nobody quoted


def pasted(text: str) -> Alternatives:
    """Return the paths that `text` may consist of; none for a text that is anything else."""
    lines = text.strip().splitlines()
    if not lines or len(text) > _LONGEST:
        return ()
    words = [_meaning(match.group()) for line in lines for match in _WORD.finditer(line)]
    wholes = [_plain(line.strip()) for line in lines]
    alternatives = (words, wholes) if words != wholes else (words,)
    return tuple(paths for paths in alternatives if all(map(_is_absolute, paths)))


def last_word(before: str) -> tuple[int, str]:
    """Return where the word that ends `before` begins, and what it means; "" after a space."""
    start, word = len(before), ""
    for match in _WORD.finditer(before):
        if match.end() == len(before):
            start, word = match.start(), _meaning(match.group())
    return start, word


def has_caption(before: str) -> bool:
    """Return whether a caption has been begun."""
    return any(match.group() == _CAPTION for match in _WORD.finditer(before))


def quoted(path: str) -> str:
    """Return `path` as one word."""
    return _SPECIAL.sub(r"\\\1", path)


def upload_line(paths: Sequence[str], caption: str) -> str:
    """Return the line that uploads these files."""
    rest = f" {_CAPTION} {caption}" if caption else ""
    return f"/upload {' '.join(map(quoted, paths))}{rest}"


def _meaning(word: str) -> str:
    return _plain("".join(_unquoted(match) for match in _PIECE.finditer(word)))


def _unquoted(match: re.Match[str]) -> str:
    if (double := match["double"]) is not None:
        return _ESCAPED.sub(r"\1", double)
    return match["escaped"] or match["single"] or match["plain"] or ""


def _plain(path: str) -> str:
    """Return `path`, which may be a file:// URI, as a path."""
    found = _URI.match(path)
    return unquote(path[found.end() :], errors="surrogateescape") if found else path


def _is_absolute(path: str) -> bool:
    return path.startswith(("/", "~/"))
