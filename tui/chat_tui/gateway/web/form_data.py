"""The parts of a form with files (multipart/form-data, RFC 7578), as its bytes arrive. Does no I/O.

What the RFC forbids is refused: parts in parts, and the encodings of mail.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

MAX_PARTS: Final = 100  # ten files, and the fields of services that tell much
MAX_HEAD: Final = 8 * 1024  # bytes of the headers of one part, and of what is before the first

_MAX_BOUNDARY: Final = 70  # characters, as RFC 2046 has it
_PARAMETER: Final = re.compile(r';\s*([^\s=;]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;\s]*)')
_QUOTED: Final = re.compile(r'\\(["\\])')
_FOLDED: Final = re.compile(r"\r\n[ \t]+")
_PLAIN: Final = ("", "7bit", "8bit", "binary")  # that change nothing

UNREADABLE: Final = "This form can't be read."


class BadForm(Exception):
    """This is no form that can be read; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Part:
    """The start of a part: a field, or a file if it has a name as one."""

    name: str
    file_name: str
    charset: str


class FormData:
    """A form of which some has arrived. Holds no more than that and the headers of one part."""

    def __init__(self, content_type: str) -> None:
        """Read a form that is sent as `content_type`. Raises BadForm."""
        boundary = _parameters(content_type).get("boundary", "")
        if not boundary.isascii() or not 0 < len(boundary) <= _MAX_BOUNDARY:
            raise BadForm(UNREADABLE)
        self._delimiter = b"\r\n--" + boundary.encode()
        self._buffer = bytearray(b"\r\n")  # the first delimiter needs none before it
        self._in_part = False
        self._parts = 0
        self.is_whole = False  # whatever follows does not belong to it

    def receive(self, data: bytes) -> None:
        self._buffer += data

    def next_event(self) -> Part | bytes | None:
        """Return a part, or the next of its content; None if more must arrive, or it is whole.

        Raises BadForm.
        """
        if self._in_part:
            content = self._content()
            if content or self._in_part:
                return content
        return None if self.is_whole else self._part()

    def _content(self) -> bytes | None:
        at = self._buffer.find(self._delimiter)
        if at < 0:  # its last bytes may be those of a delimiter
            return self._take(max(0, len(self._buffer) - len(self._delimiter) + 1)) or None
        self._in_part = at > 0
        return self._take(at)

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _part(self) -> Part | None:
        """Return the part that begins in the buffer, if all of its headers are there."""
        before, delimiter, rest = bytes(self._buffer[: 2 * MAX_HEAD]).partition(self._delimiter)
        self.is_whole = rest.startswith(b"--")
        head, end, _ = rest.partition(b"\r\n\r\n")
        if len(before) > MAX_HEAD or len(head) > MAX_HEAD:
            raise BadForm(UNREADABLE)
        if self.is_whole or not end:
            return None
        if self._parts == MAX_PARTS:
            raise BadForm(f"A form can have at most {MAX_PARTS} parts.")
        self._parts += 1
        self._in_part = True
        self._take(len(before) + len(delimiter) + len(head) + len(end))
        return _read_head(head)


def _read_head(head: bytes) -> Part:
    """Return the part with these headers, which begin after the delimiter. Raises BadForm."""
    padding, *lines = _FOLDED.sub(" ", head.decode(errors="replace")).split("\r\n")
    if padding.strip() or not all(":" in line for line in lines):
        raise BadForm(UNREADABLE)
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines)
    }
    kind = headers.get("content-type", "")
    if kind.lower().startswith("multipart/"):
        raise BadForm("A part of this form has parts.")
    encoding = headers.get("content-transfer-encoding", "")
    if encoding.lower() not in _PLAIN:
        raise BadForm(f"A part of this form is in {encoding[:40]}, which isn't read here.")
    named = _parameters(headers.get("content-disposition", ""))
    # The RFC forbids the second one; it is sent nevertheless.
    file_name = named.get("filename") or unquote(named.get("filename*", "").rpartition("'")[2])
    return Part(named.get("name", ""), file_name, _parameters(kind).get("charset", ""))


def _parameters(header: str) -> dict[str, str]:
    """Return the parameters of a header, by their names in lower case."""
    return {name.lower(): _unquoted(value) for name, value in _PARAMETER.findall(header)}


def _unquoted(value: str) -> str:
    is_quoted = len(value) > 1 and value[0] == value[-1] == '"'
    return _QUOTED.sub(r"\1", value[1:-1]) if is_quoted else value
