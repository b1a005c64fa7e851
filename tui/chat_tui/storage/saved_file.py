"""Downloaded files. Writing may wait for a disk: do it in a thread.

A file is written under a name that says that it is not whole, and gets its own at the end: one that
nothing has yet. Nothing is ever overwritten, and nothing can be run.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from platformdirs import user_downloads_path

from chat_shared.file_names import clean_file_name
from chat_shared.limits import MAX_FILE_NAME
from chat_tui.storage.home import shown_path
from chat_tui.storage.parts import is_part, make_part_file

MAX_NAMES: Final = 1_000  # that are tried
_KEPT_FREE: Final = 50_000_000  # bytes of the disk, for everything else that needs some


class CannotSave(Exception):
    """A file cannot be saved; the message is a sentence."""


class PartFile:
    """A file that is being downloaded into a folder."""

    def __init__(self, folder: Path, size: int) -> None:
        """Create it, in a folder that is made if need be. Raises CannotSave."""
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file, self._path = make_part_file(folder)
        except OSError as exc:
            raise failure(folder, exc) from None
        try:
            check_space(folder, size)
        except CannotSave:
            self.discard()
            raise

    def write(self, data: bytes) -> None:
        """Add `data` at the end. Raises CannotSave."""
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError as exc:
            raise failure(self._folder, exc) from None

    def finish(self, name: str) -> Path:
        """Give it its own name, or one like it that is free; return that. Raises CannotSave."""
        try:
            os.fsync(self._file)
            final = self._reserve(name)
            self._path.replace(final)
        except OSError as exc:
            raise failure(self._folder, exc) from None
        self._close()
        return final

    def discard(self) -> None:
        """Delete it, unless it is finished."""
        self._close()
        with suppress(OSError):
            self._path.unlink()

    def _close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
        self._file = -1

    def _reserve(self, name: str) -> Path:
        """Return the first path that is free, and is ours from now on."""
        for candidate in names_like(name):
            path = self._folder / candidate
            with suppress(FileExistsError):
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
                return path
        raise CannotSave(f"There are too many files called {name} in {shown_path(self._folder)}.")


def check_space(folder: Path, size: int) -> None:
    """Check that a disk has space for `size` bytes, and for everything else. Raises CannotSave."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as exc:
        raise failure(folder, exc) from None
    if size > free - _KEPT_FREE:
        raise CannotSave(f"There is too little space left in {_known(folder)}.")


def failure(folder: Path, exc: OSError) -> CannotSave:
    return CannotSave(f"Can't save in {_known(folder)}: {exc.strerror}.")


def _known(folder: Path) -> str:
    """Return a folder as the person knows it: the one above an export that has no name yet."""
    for place in (folder, *folder.parents):
        if is_part(place.name):
            folder = place.parent
    return shown_path(folder)


def names_like(name: str) -> Iterator[str]:
    """Yield the clean name of a file, then others for it: report (1).pdf, report (2).pdf …"""
    clean = clean_file_name(name)
    yield clean
    stem, dot, ending = clean.rpartition(".")
    stem, ending = (stem, dot + ending) if stem else (clean, "")
    for number in range(1, MAX_NAMES):
        tail = f" ({number}){ending}"
        kept = stem.encode()[: MAX_FILE_NAME - len(tail.encode())].decode(errors="ignore")
        yield f"{kept}{tail}"


def downloads_folder() -> Path:
    """Return where the person's programs save files. Raises CannotSave."""
    try:
        folder = user_downloads_path()
    except RuntimeError:
        folder = Path()
    if not folder.is_absolute():
        raise CannotSave("Your home folder isn't known. Set HOME to its absolute path.")
    return folder
