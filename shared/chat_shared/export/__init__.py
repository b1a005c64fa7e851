"""A room written out for keeping: as HTML, Markdown or lines of JSON. Does no I/O.

Every message has its number, so that an export can be compared with a backup, and each file the
path it is stored under, relative to the export. Texts are cleaned and escaped: what someone wrote
cannot become a part of the page, nor look like another's message.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from chat_shared.export import html, json_lines, markdown
from chat_shared.export.room import ExportedRoom, path_of
from chat_shared.messages import Line

__all__ = ["FORMATS", "ExportedRoom", "Format", "Writer", "path_of"]


class Writer(Protocol):
    """Writes one room, piece by piece."""

    def begin(self) -> str: ...

    def message(self, line: Line) -> str:
        """Return the piece for `line`; empty if this format leaves it out."""

    def end(self) -> str: ...


class WriterOf(Protocol):
    def __call__(self, room: ExportedRoom) -> Writer: ...


@dataclass(frozen=True, slots=True)
class Format:
    suffix: str
    writer: WriterOf


FORMATS: Final = {
    "html": Format(".html", html.HtmlWriter),
    "markdown": Format(".md", markdown.MarkdownWriter),
    "jsonl": Format(".jsonl", json_lines.JsonLinesWriter),
}
