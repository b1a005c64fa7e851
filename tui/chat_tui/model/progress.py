"""How far a file is, in words. Pure."""

from typing import Final

from chat_shared.text import clean_line
from chat_tui.markup.files import shown_size
from chat_tui.model.transfer import Cancelled, RoomExport, Transfer

_LONGEST: Final = 32  # characters of a name
_ENDING: Final = 8
_SHORTEST: Final = 9
_ENDLESS: Final = 1_000  # characters: more than any line has
_MINUTE: Final = 60
_HOUR: Final = 3_600
_NOTHING: Final = "Nothing to cancel: no file is being sent or saved, and no room exported."


def progress(transfer: Transfer | RoomExport, width: int = _ENDLESS) -> str:
    """Return the name of a file and how far it is, how fast, and how long it still takes.

    Of a room that is exported, return its name and how far it is. Where `width` characters are too
    few for all of it, what matters least is left out, and then the name is shortened.
    """
    if isinstance(transfer, RoomExport):
        return _of_a_room(transfer)
    verb = "Sending " if transfer.is_upload else "Saving "
    percent = f"{100 * transfer.at // max(1, transfer.size)}%"
    size, speed, left = f" of {shown_size(transfer.size)}", _speed(transfer), _left(transfer)
    name = shorten(clean_line(transfer.name))
    lines = [
        _joined(verb + name, percent + size, speed, left),
        _joined(verb + name, percent, speed, left),
        _joined(verb + name, percent, left),
        _joined(name, percent, left),
    ]
    fitting = next((line for line in lines if len(line) <= width), None)
    return fitting or _joined(shorten(name, width - len(lines[-1]) + len(name)), percent, left)


def cancelled(what: Cancelled) -> str:
    """Return what was cancelled, as a person would tell it who does not know of uploads."""
    sentences = []
    if what.messages == 1:
        first, *others = (shorten(clean_line(name)) for name in what.uploads)
        files = f"{first} and {len(others)} more" if others else first
        sentences.append(f"The message with {files} was not sent.")
    elif what.messages:
        sentences.append(f"{what.messages:,} messages with files were not sent.")
    if what.downloads:
        files = "1 file was" if what.downloads == 1 else f"{what.downloads:,} files were"
        sentences.append(f"{files} not saved.")
    if what.exports:
        sentences.append("The room was not exported.")
    return " ".join(["Cancelled.", *sentences]) if sentences else _NOTHING


def _of_a_room(export: RoomExport) -> str:
    percent = 100 * export.at // max(1, export.last)
    waiting = "waiting" if export.is_waiting else ""
    return _joined(f"Exporting {shorten(clean_line(export.room))}", f"{percent}%", waiting)


def shorten(name: str, longest: int = _LONGEST) -> str:
    """Return `name` so short that what follows it is in view; its ending stays.

    It keeps a few characters, even if `longest` is less.
    """
    if len(name) <= (longest := max(longest, _SHORTEST)):
        return name
    return f"{name[: longest - _ENDING - 1]}…{name[-_ENDING:]}"


def _speed(transfer: Transfer) -> str:
    if transfer.is_waiting:
        return "waiting"
    return f"{shown_size(round(transfer.speed))}/s" if transfer.speed else ""


def _left(transfer: Transfer) -> str:
    if transfer.is_waiting or (left := transfer.seconds_left) is None:
        return ""
    return f"{_duration(left)} left"


def _joined(*words: str) -> str:
    return " · ".join(filter(None, words))


def _duration(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:,.0f} h"
