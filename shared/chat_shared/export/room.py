"""What every format says of a room and of its files."""

from dataclasses import dataclass

from chat_shared.messages import File, Line

_UNITS = ("bytes", "kB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True)
class ExportedRoom:
    name: str
    topic: str
    owner: str  # empty for a room without one
    at: str  # when it was exported, as the wire has times
    has_files: bool = True  # whether the content of files is exported too


def path_of(line: Line, file: File) -> str:
    """Return where `file` of `line` is stored in the export: no two have the same path."""
    return f"files/{line.seq}-{file.file}/{file.name}"


def shown_size(size: int) -> str:
    """Return `size` bytes for people: 340 bytes, 1.2 MB."""
    amount, unit = float(size), 0
    while amount >= 999.5 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    digits = 1 if unit and amount < 9.95 else 0
    return f"{amount:.{digits}f} {_UNITS[unit]}"


def day_of(time: str) -> str:
    """Return the date in a time of the wire."""
    return time[:10]


def minute_of(time: str) -> str:
    """Return the hour and minute in a time of the wire, which is UTC."""
    return time[11:16]
