"""What every format says of a room and of its files."""

from dataclasses import dataclass

from chat_shared.file_names import clean_file_name
from chat_shared.messages import File, Line


@dataclass(frozen=True, slots=True)
class ExportedRoom:
    name: str
    topic: str
    owner: str  # empty for a room without one
    at: str  # when it was exported, as the wire has times
    has_files: bool = True  # whether the content of files is exported too


def path_of(line: Line, file: File) -> str:
    """Return where `file` of `line` is stored in the export: no two have the same path."""
    return f"files/{line.seq}-{file.file}/{clean_file_name(file.name)}"


def day_of(time: str) -> str:
    """Return the date in a time of the wire."""
    return time[:10]


def minute_of(time: str) -> str:
    """Return the hour and minute in a time of the wire, which is UTC."""
    return time[11:16]
