"""Files on this computer, to send. Reading may wait for a disk: do it in a thread."""

import hashlib
import os
import stat
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from zlib import crc32

from chat_shared.file_names import clean_file_name
from chat_shared.limits import MAX_CHUNK, MAX_FILES
from chat_tui.model.outbox import LocalFile
from chat_tui.storage.home import shown_path

TOO_MANY: Final = f"A message can have at most {MAX_FILES} files."

# Bytes that are read at a time, and known by a sum each: so that a chunk is never sent of a file
# that is another one by then.
_PIECE: Final = MAX_CHUNK


class CannotRead(Exception):
    """A file cannot be sent; the message is a sentence."""


class SourceFile:
    """An open file, of which only what it was when its digest was made can be read."""

    def __init__(self, file: int, name: str) -> None:
        self._file = file
        self._name = name
        self._sums: list[int] = []  # of each piece, in order
        self.size = os.fstat(file).st_size

    def sha256(self) -> str:
        """Return the digest of all of it, and remember what it is now. Raises CannotRead."""
        digest, self._sums = hashlib.sha256(), []
        for at in range(0, self.size, _PIECE):
            data = self._read(at)
            digest.update(data)
            self._sums.append(crc32(data))
        return digest.hexdigest()

    def read(self, at: int) -> bytes:
        """Return what is there from `at` on, up to a chunk, once there is a digest.

        Raises CannotRead: also if it has changed since then. A file that only became longer, as a
        log does, has not.
        """
        piece, start = divmod(at, _PIECE)
        data = self._read(piece * _PIECE)
        if crc32(data) != self._sums[piece]:
            raise self._changed()
        return data[start:]

    def _read(self, at: int) -> bytes:
        """Return the piece that begins `at` there. Raises CannotRead."""
        data, wanted = b"", min(_PIECE, self.size - at)
        while len(data) < wanted:
            try:
                more = os.pread(self._file, wanted - len(data), at + len(data))
            except OSError as exc:
                raise CannotRead(f"{self._name} can't be read: {exc.strerror}.") from None
            if not more:
                raise self._changed()
            data += more
        return data

    def _changed(self) -> CannotRead:
        return CannotRead(
            f"{self._name} changed while it was being sent. Send it again when it is complete."
        )


@contextmanager
def source(file: LocalFile) -> Generator[SourceFile]:
    """Open `file`, which must be as it was when it was chosen. Raises CannotRead."""
    descriptor = _open(Path(file.path))
    try:
        opened = SourceFile(descriptor, file.name)
        if opened.size != file.size:
            raise CannotRead(f"{file.name} has changed since you chose it. Choose it again.")
        yield opened
    finally:
        os.close(descriptor)


def local_file(path: str) -> LocalFile:
    """Return the file that a person names, which ~ may begin. Raises CannotRead."""
    found = Path(os.path.abspath(os.path.expanduser(path)))
    descriptor = _open(found)
    try:
        size = os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)
    return LocalFile(str(found), clean_file_name(found.name), size)


def find_files(alternatives: Sequence[Sequence[str]]) -> tuple[LocalFile, ...]:
    """Return the files of the first alternative of which all exist. Raises CannotRead."""
    problem = CannotRead("No file is named.")
    for paths in filter(None, alternatives):
        try:
            if len(paths) > MAX_FILES:
                raise CannotRead(TOO_MANY)
            return tuple(map(local_file, paths))
        except CannotRead as exc:
            problem = exc
    raise problem


def _open(path: Path) -> int:
    """Open a regular file: nothing else has an end that can be relied on. Raises CannotRead."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise CannotRead(f"There is no file {shown_path(path)}.") from None
    except (OSError, ValueError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else exc
        raise CannotRead(f"{shown_path(path)} can't be read: {why}.") from None
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return descriptor
    os.close(descriptor)
    what = "a folder" if stat.S_ISDIR(mode) else "no file with a content of its own"
    raise CannotRead(f"{shown_path(path)} is {what}.")
