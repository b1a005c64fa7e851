"""Unsent drafts, one per room, restored after a restart.

One JSON file per account and server, which only its owner can read: by room the text,
or for a reply or an edit the whole draft. A line that holds a password, or a private key,
is never written. If the disk fails, drafts last as long as the program. Two clients of one
account each write the drafts that they changed.

They are written in a thread: a slow disk, or another client that holds the lock, keeps
no key waiting. Nothing depends on when that is done.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from chat_shared.ssh_keys import is_private
from chat_tui.commands import parser
from chat_tui.model.draft import Draft
from chat_tui.storage import shared_file
from chat_tui.storage.shared_file import Unreadable

_NOTHING: Final = Draft()
_ByRoom: TypeAlias = dict[str, Draft]


class Drafts:
    """The drafts by room. Without a path they last as long as this object."""

    def __init__(self, path: Path | None = None) -> None:
        self.problem = ""  # a sentence about drafts that cannot be read
        self._path = path
        self._drafts = self._read()
        self._kept = dict(self._drafts)  # as they are on disk; only the thread changes it
        self._disk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="drafts")

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
        """Write the drafts, if they changed since the last time. Returns at once."""
        if self._path is not None:
            public = {room: draft for room, draft in self._drafts.items() if not is_secret(draft)}
            self._disk.submit(self._write, self._path, public)

    def close(self) -> None:
        """Wait until everything is written. Later changes stay in memory."""
        self._disk.shutdown()
        self._path = None

    def _write(self, path: Path, public: _ByRoom) -> None:
        if public == self._kept:
            return
        changed = {
            room: public.get(room, _NOTHING)
            for room in public.keys() | self._kept.keys()
            if public.get(room) != self._kept.get(room)
        }
        with suppress(OSError):  # see the module's docstring
            shared_file.merge(path, lambda data: _encode(_decode(data) | changed))
            self._kept = public

    def _read(self) -> _ByRoom:
        if self._path is None:
            return {}
        try:
            drafts, self.problem = shared_file.load(self._path, _decode)
        except OSError:
            return {}
        return drafts


def is_secret(draft: Draft) -> bool:
    """Return whether `draft` holds a password or a private key, and so must not be stored."""
    waiting = draft.waiting is not None and is_secret(draft.waiting)
    return waiting or parser.is_secret(draft.text) or is_private(draft.text)


def _written(draft: Draft) -> str | Draft:
    return draft if draft.intent else draft.text


def _decode(data: bytes | None) -> _ByRoom:
    if data is None:
        return {}
    try:
        found = msgspec.json.decode(data, type=dict[str, str | Draft])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
        raise Unreadable(str(exc)) from None
    return {
        room: Draft(draft) if isinstance(draft, str) else draft for room, draft in found.items()
    }


def _encode(drafts: _ByRoom) -> bytes:
    written = {room: _written(draft) for room, draft in drafts.items() if draft}
    return msgspec.json.encode(written) + b"\n"
