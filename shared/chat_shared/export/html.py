"""One page of HTML that needs nothing else: no script, no style from elsewhere, dark and light."""

from collections.abc import Iterator
from html import escape
from typing import Final
from urllib.parse import quote

from chat_shared.export.room import ExportedRoom, day_of, minute_of, path_of
from chat_shared.messages import File, Line, Reaction
from chat_shared.sizes import shown_size
from chat_shared.text import clean, clean_line

_STYLE: Final = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h2 { font-size: 1rem; border-bottom: 1px solid; margin-top: 2rem; }
article { margin: .75rem 0; }
article p { margin: .1rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
p { unicode-bidi: plaintext; }
b, a, span { unicode-bidi: isolate; }
header :not(b), footer { opacity: .75; font-size: .875rem; }
a { color: inherit; }
img { max-width: 100%; max-height: 24rem; display: block; }
"""

# Nothing in the page may run or load anything but the pictures beside it.
_POLICY: Final = "default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'"


class HtmlWriter:
    def __init__(self, room: ExportedRoom) -> None:
        self._room = room
        self._day = ""

    def begin(self) -> str:
        room = self._room
        name = _inline(room.name)
        topic = f"<p>{_inline(room.topic)}</p>\n" if room.topic else ""
        owner = f"Owner: {_inline(room.owner)}. " if room.owner else ""
        return (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
            '<meta name="viewport" content="width=device-width">\n'
            f"<title>{name}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
            f"<h1>{name}</h1>\n{topic}"
            f"<p>{owner}Exported {day_of(room.at)} {minute_of(room.at)}. All times are UTC.</p>\n"
        )

    def message(self, line: Line) -> str:
        if line.change:  # the message it changes is as it is now
            return ""
        parts = [*self._new_day(line), f'<article id="m{line.seq}">\n', _header(line)]
        return "".join([*parts, *self._body(line), "</article>\n"])

    def end(self) -> str:
        return "</main>\n</body>\n</html>\n"

    def _new_day(self, line: Line) -> Iterator[str]:
        if day_of(line.at) != self._day:
            self._day = day_of(line.at)
            yield f"<h2>{self._day}</h2>\n"

    def _body(self, line: Line) -> Iterator[str]:
        if line.deleted:
            yield "<p><i>message deleted</i></p>\n"
        if line.text:
            yield f"<p>{escape(clean(line.text))}</p>\n"
        for file in line.files:
            yield f"<p>{self._file(line, file)}</p>\n"
        if line.reactions:
            yield f"<footer>{', '.join(map(_reaction, line.reactions))}</footer>\n"

    def _file(self, line: Line, file: File) -> str:
        name, size = _inline(file.name), shown_size(file.size)
        if not self._room.has_files:
            return f"📄 {name} {size}"
        path = escape(quote(path_of(line, file)))
        picture = f'<img src="{path}" alt="" loading="lazy">' if file.type else ""
        return f'<a href="{path}" download>{picture}📄 {name}</a> {size}'


def _header(line: Line) -> str:
    guest = " (guest)" if line.guest else ""
    edited = ", edited" if line.edited else ""
    reply = f', reply to <a href="#m{line.reply}">#{line.reply}</a>' if line.reply else ""
    return (
        f"<header><b>{_inline(line.author)}</b>{guest} "
        f'<time datetime="{escape(line.at)}">{escape(minute_of(line.at))}</time> '
        f'<a href="#m{line.seq}">#{line.seq}</a>{edited}{reply}</header>\n'
    )


def _reaction(reaction: Reaction) -> str:
    names = ", ".join(map(_inline, reaction.names))
    return f'<span title="{names}">{_inline(reaction.emoji)} {reaction.count}</span>'


def _inline(text: str) -> str:
    return escape(clean_line(text))
