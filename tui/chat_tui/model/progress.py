"""How far a file is, in words. Pure."""

from typing import Final

from chat_shared.text import clean_line
from chat_tui.markup.files import shown_size
from chat_tui.model.transfer import Cancelled, RoomExport, Transfer

_LONGEST: Final = 32  # characters of a name
_ENDING: Final = 8
_MINUTE: Final = 60
_HOUR: Final = 3_600
_NOTHING: Final = "Nothing to cancel: no file is being sent or saved, and no room exported."


def progress(transfer: Transfer | RoomExport) -> str:
    """Return the name of a file and how far it is, how fast, and how long it still takes.

    Of a room that is exported, return its name and how far it is.
    """
    if isinstance(transfer, RoomExport):
        return _of_a_room(transfer)
    verb = "Sending" if transfer.is_upload else "Saving"
    percent = 100 * transfer.at // max(1, transfer.size)
    name = shorten(clean_line(transfer.name))
    words = [f"{verb} {name}", f"{percent}% of {shown_size(transfer.size)}"]
    if transfer.is_waiting:
        words.append("waiting")
    elif transfer.speed:
        words.append(f"{shown_size(round(transfer.speed))}/s")
    if not transfer.is_waiting and (left := transfer.seconds_left) is not None:
        words.append(f"{_duration(left)} left")
    return " · ".join(words)


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
    words = [f"Exporting {shorten(clean_line(export.room))}", f"{percent}%"]
    return " · ".join([*words, *(["waiting"] if export.is_waiting else [])])


def shorten(name: str) -> str:
    """Return `name` so short that what follows it is in view; its ending stays."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - _ENDING - 1]}…{name[-_ENDING:]}"


def _duration(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:,.0f} h"
