"""Unsent drafts, one per room, restored after a restart.

One JSON file per account and server, which only its owner can read: by room the text,
or for a reply or an edit the whole draft. A line that holds a password is never
written. If the disk fails, drafts last as long as the program.
"""

from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from chat_tui.commands import parser
from chat_tui.model.draft import Draft
from chat_tui.storage.atomic_write import write_private

_NOTHING: Final = Draft()


class Drafts:
    """The drafts by room. Without a path they last as long as this object."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._drafts = _read(path)
        self._kept = dict(self._drafts)  # as they are on disk

    def get(self, room: str) -> Draft:
        return self._drafts.get(room, _NOTHING)

    def put(self, room: str, draft: Draft) -> None:
        """Set the draft of `room` in memory; `keep` writes it."""
        if draft:
            self._drafts[room] = draft
        else:
            self.drop(room)

    def drop(self, room: str) -> None:
        """Forget the draft of `room`."""
        self._drafts.pop(room, None)

    def keep(self) -> None:
        """Write the drafts, if they changed since the last time."""
        public = {room: draft for room, draft in self._drafts.items() if not _is_secret(draft)}
        if self._path is None or public == self._kept:
            return
        written = {room: _written(draft) for room, draft in public.items()}
        with suppress(OSError):  # see the module's docstring
            write_private(self._path, msgspec.json.encode(written) + b"\n")
            self._kept = public


def _is_secret(draft: Draft) -> bool:
    waiting = draft.waiting is not None and _is_secret(draft.waiting)
    return waiting or parser.is_secret(draft.text)


def _written(draft: Draft) -> str | Draft:
    return draft if draft.intent else draft.text


def _read(path: Path | None) -> dict[str, Draft]:
    if path is None:
        return {}
    try:
        found = msgspec.json.decode(path.read_bytes(), type=dict[str, str | Draft])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}  # none yet, or a damaged file: nothing depends on it
    return {
        room: Draft(draft) if isinstance(draft, str) else draft for room, draft in found.items()
    }
