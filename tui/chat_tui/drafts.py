"""What was typed in each room and not sent: there again after a restart.

One JSON file for an account on a server, which only its owner may read. A line
that holds a password is never written. Where the disk does not do its part,
drafts last as long as the program.
"""

from contextlib import suppress
from pathlib import Path

import msgspec

from chat_tui import slash
from chat_tui.private_file import write_private


class Drafts:
    """The drafts by room. Without a path they last as long as this object."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._texts = _read(path)
        self._kept = dict(self._texts)  # as they are on disk

    def get(self, room: str) -> str:
        return self._texts.get(room, "")

    def put(self, room: str, text: str) -> None:
        """Hold what is typed in `room` by now; `keep` writes it."""
        if text:
            self._texts[room] = text
        else:
            self._texts.pop(room, None)

    def rooms(self) -> list[str]:
        """Return where something waits to be finished."""
        return list(self._texts)

    def keep(self) -> None:
        """Write what there is, if it is other than what was written."""
        open_ones = {room: text for room, text in self._texts.items() if not slash.is_secret(text)}
        if self._path is None or open_ones == self._kept:
            return
        with suppress(OSError):  # as said above
            write_private(self._path, msgspec.json.encode(open_ones) + b"\n")
            self._kept = open_ones


def _read(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}  # none yet, or a file that somebody has been at: nothing hangs on it
