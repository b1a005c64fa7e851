"""The command that exports a room, and the texts about it. Pure."""

from typing import Final

from chat_shared.export import FORMATS
from chat_shared.limits import GENERAL
from chat_shared.text import clean_line
from chat_tui.commands.audience import Audience
from chat_tui.commands.parsed_input import Arguments, Command, ParsedInput, RunAction

_USUAL: Final = "html"

RUNNING: Final = "An export is already running. /cancel stops it."
RESTORED: Final = "The server has lost messages meanwhile. Export the room again."


def _read_export(words: Arguments) -> ParsedInput | None:
    kind = words[0].lower() if words else _USUAL
    return RunAction("room.export", kind) if len(words) < 2 and kind in FORMATS else None


COMMANDS: Final = (
    Command(
        "export",
        f"[{'|'.join(FORMATS)}]",
        "Save your room with its files in a new folder, to read or for programs (jsonl)",
        _read_export,
        audience=Audience.NO_GUESTS,
    ),
)


def refusal(room: str) -> str:
    """Return why a room that is not ours is not exported."""
    if room == GENERAL:
        return f"{GENERAL} has no owner. Its operator can export it: chat-server export {GENERAL}"
    return f"Only the owner of {clean_line(room)} can export it."


def too_many(room: str, most: int) -> str:
    return (
        f"{clean_line(room)} has more than {most:,} messages, which is the limit. "
        "The server's operator can export it with chat-server export."
    )


def cancelled(room: str) -> str:
    return f"The export of {clean_line(room)} was cancelled."


def begun(room: str) -> str:
    return f"Exporting {clean_line(room)}. /cancel stops it."


def done(room: str, path: str, missing: int) -> str:
    """Return where a room was exported, and how many of its files are not there."""
    exported = clean_line(f"Exported {room} to {path}.")
    if not missing:
        return exported
    files = "1 file is" if missing == 1 else f"{missing:,} files are"
    return f"{exported} {files} missing: the server does not send them."
