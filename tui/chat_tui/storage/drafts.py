"""What was being written in each room and not sent: there again after a restart.

One JSON file for an account on a server, which only its owner may read: by room
the text, or, of an answer and an edit, what it is as well. A line that holds a
password is never written. Where the disk does not do its part, drafts last as
long as the program.
"""

from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from chat_tui.commands import parser
from chat_tui.model.draft import Unfinished
from chat_tui.storage.atomic_write import write_private

_NOTHING: Final = Unfinished()


class Drafts:
    """The drafts by room. Without a path they last as long as this object."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._drafts = _read(path)
        self._kept = dict(self._drafts)  # as they are on disk

    def get(self, room: str) -> Unfinished:
        return self._drafts.get(room, _NOTHING)

    def put(self, room: str, draft: Unfinished) -> None:
        """Hold what is being written in `room` by now; `keep` writes it."""
        if draft:
            self._drafts[room] = draft
        else:
            self.drop(room)

    def drop(self, room: str) -> None:
        """Forget what was being written in `room`."""
        self._drafts.pop(room, None)

    def keep(self) -> None:
        """Write what there is, if it is other than what was written."""
        open_ones = {room: draft for room, draft in self._drafts.items() if not _is_secret(draft)}
        if self._path is None or open_ones == self._kept:
            return
        written = {room: _written(draft) for room, draft in open_ones.items()}
        with suppress(OSError):  # as said above
            write_private(self._path, msgspec.json.encode(written) + b"\n")
            self._kept = open_ones


def _is_secret(draft: Unfinished) -> bool:
    waiting = draft.waiting is not None and _is_secret(draft.waiting)
    return waiting or parser.is_secret(draft.text)


def _written(draft: Unfinished) -> str | Unfinished:
    return draft if draft.intent else draft.text


def _read(path: Path | None) -> dict[str, Unfinished]:
    if path is None:
        return {}
    try:
        found = msgspec.json.decode(path.read_bytes(), type=dict[str, str | Unfinished])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}  # none yet, or a file that somebody has been at: nothing hangs on it
    return {
        room: Unfinished(draft) if isinstance(draft, str) else draft
        for room, draft in found.items()
    }
