"""A folder for an exported room. Writing may wait for a disk: do it in a thread.

It is made under a name that says that it is not whole, and gets its own at the end: one that
nothing has yet.
"""

import os
import shutil
from contextlib import suppress
from io import BufferedWriter
from pathlib import Path

from chat_tui.storage.home import shown_path
from chat_tui.storage.parts import make_part_folder
from chat_tui.storage.saved_file import CannotSave, check_space, failure, names_like


class ExportedFolder:
    """A folder that is being written, with one page; files are put into it by others."""

    def __init__(self, parent: Path, page: str) -> None:
        """Create it in `parent`, which is made if need be. Raises CannotSave."""
        self._parent = parent
        try:
            parent.mkdir(parents=True, exist_ok=True)
            self._held, self.path = make_part_folder(parent)
        except OSError as exc:
            raise failure(parent, exc) from None
        try:
            self._page = _created(self.path / page)
        except OSError as exc:
            self._delete()
            raise failure(parent, exc) from None

    def write(self, text: str) -> None:
        """Add `text` to the page. Raises CannotSave."""
        data = text.encode()
        check_space(self._parent, len(data))
        try:
            self._page.write(data)
        except OSError as exc:
            raise failure(self._parent, exc) from None

    def finish(self, name: str) -> Path:
        """Give it its own name, or one like it that is free; return that. Raises CannotSave."""
        try:
            self._page.flush()
            os.fsync(self._page.fileno())
            self._page.close()
            final = self._reserve(name)
            self.path.replace(final)  # an empty folder, which is ours
        except OSError as exc:
            raise failure(self._parent, exc) from None
        return final

    def discard(self) -> None:
        """Delete it with all that is in it, unless it is finished."""
        with suppress(OSError):  # a full disk takes nothing that was not written yet
            self._page.close()
        self._delete()

    def _delete(self) -> None:
        """Delete it, unless it is finished, and let go of it."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._held >= 0:
            os.close(self._held)
        self._held = -1

    def _reserve(self, name: str) -> Path:
        """Make an empty folder of the first name that is free."""
        for candidate in names_like(name):
            path = self._parent / candidate
            with suppress(FileExistsError):
                path.mkdir(mode=0o700)
                return path
        raise CannotSave(f"There are too many folders called {name} in {shown_path(self._parent)}.")


def _created(page: Path) -> BufferedWriter:
    number = os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    return os.fdopen(number, "wb")
