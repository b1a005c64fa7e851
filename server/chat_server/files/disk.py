"""What files need of the disk: folders that nobody else reads, and errors with a meaning."""

import errno
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from chat_server.files.blobs import BlobError, NoSpaceError

# A full disk, a quota, and a limit on the size of files.
_NO_SPACE: Final = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


@contextmanager
def disk_errors() -> Generator[None]:
    """Turn each OSError in the block into a BlobError. Its message names no path."""
    try:
        yield
    except OSError as exc:
        kind = NoSpaceError if exc.errno in _NO_SPACE else BlobError
        raise kind(exc.strerror or type(exc).__name__) from exc


def make_folder(folder: Path) -> None:
    """Create `folder` and those above it where they are missing, durably. Raises OSError."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    sync(folder.parent)


def sync(path: Path) -> None:
    """Wait until the file, or the names in the folder, at `path` are on disk. Raises OSError."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def free_bytes(folder: Path) -> int:
    """Return how much may still be written where `folder` is, or will be. Raises OSError."""
    while not folder.exists():
        folder = folder.parent
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize
