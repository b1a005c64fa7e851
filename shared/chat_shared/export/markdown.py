"""Markdown. Each message is a quotation below a line of its own, which no text can imitate."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from chat_shared.export.room import ExportedRoom, day_of, minute_of, path_of
from chat_shared.messages import Line
from chat_shared.sizes import shown_size
from chat_shared.text import clean, clean_line

# What would load something from elsewhere, or make links of what others have written: the beginning
# of a picture, and a definition of a link, which holds for the whole page.
_PICTURE: Final = re.compile(r"!(?=\[)")
_DEFINITION: Final = re.compile(
    r"^([ \t>*+\-\d.)]*\[(?:[^\[\]\\]|\\.){0,999}\])(?=:)", re.MULTILINE | re.DOTALL
)

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>()#+!|~&-])")


class MarkdownWriter:
    def __init__(self, room: ExportedRoom) -> None:
        self._room = room
        self._day = ""

    def begin(self) -> str:
        room = self._room
        lines = [f"# {_escape(room.name)}"]
        if room.topic:
            lines.append(_escape(room.topic))
        owner = f"Owner: {_escape(room.owner)}. " if room.owner else ""
        lines.append(f"{owner}Exported {day_of(room.at)} {minute_of(room.at)}. All times are UTC.")
        return "\n\n".join(lines) + "\n"

    def message(self, line: Line) -> str:
        if line.change:  # the message it changes is as it is now
            return ""
        return "".join([*self._new_day(line), f"\n{_heading(line)}\n", *self._body(line)])

    def end(self) -> str:
        return ""

    def _new_day(self, line: Line) -> Iterator[str]:
        if day_of(line.at) != self._day:
            self._day = day_of(line.at)
            yield f"\n## {self._day}\n"

    def _body(self, line: Line) -> Iterator[str]:
        if line.reply:
            yield f">\n> reply to #{line.reply}\n"
        if line.deleted:
            yield ">\n> *message deleted*\n"
        if line.text:
            yield ">\n" + "".join(f"> {each}\n" for each in _as_written(line.text).split("\n"))
        if line.text and (line.files or line.reactions):
            yield "\n"  # ends what the text has left open
        for file in line.files:
            name, size = _escape(file.name), shown_size(file.size)
            if self._room.has_files:
                name = f"[{name}]({quote(path_of(line, file))})"
            yield f">\n> 📄 {name} {size}\n"
        if line.reactions:
            counted = ", ".join(f"{_escape(r.emoji)} {r.count}" for r in line.reactions)
            yield f">\n> {counted}\n"


def _heading(line: Line) -> str:
    guest = " (guest)" if line.guest else ""
    edited = ", edited" if line.edited else ""
    return f"**{_escape(line.author)}**{guest} {minute_of(line.at)} · #{line.seq}{edited}"


def _as_written(text: str) -> str:
    """Return a text with its own Markdown, which can do nothing beyond the text."""
    text = clean(text).replace("&", "&amp;").replace("<", "&lt;")
    return _DEFINITION.sub(r"\1\\", _PICTURE.sub(r"!\\", text))


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", clean_line(text))
