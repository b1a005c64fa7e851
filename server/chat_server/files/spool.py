"""Uploads that are not whole yet: one file each, named by the id of the upload.

How much of an upload is there is the size of its file, and nothing else says so: hence it can go
on after a crash of the server. After a power failure the end of a file may be wrong, which its
digest tells once it is whole.
"""

import hashlib
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from chat_server.files.blobs import NoSpaceError
from chat_server.files.disk import disk_errors, free_bytes, make_folder
from chat_server.files.pictures import HEAD

_READ: Final = 1024 * 1024  # bytes of a file in memory while its digest is made


class Spool:
    """The files of unfinished uploads in `folder`. Synchronous, for a thread.

    Nothing is written that would leave less than `keep_free` bytes of the disk free. Any method
    may raise BlobError, and what writes NoSpaceError. Of one upload, one at a time.
    """

    def __init__(self, folder: Path, keep_free: int) -> None:
        self.folder: Final = folder
        self.keep_free = keep_free

    def check_space(self, size: int) -> None:
        """Raise NoSpaceError unless there is space for `size` more bytes."""
        with disk_errors():
            if free_bytes(self.folder) - size < self.keep_free:
                raise NoSpaceError("too little of the disk is free")

    def size(self, id: int) -> int:
        """Return how many bytes of the upload are there."""
        with disk_errors():
            try:
                return self.path(id).stat().st_size
            except FileNotFoundError:
                return 0

    def append(self, id: int, at: int, data: bytes) -> int:
        """Add `data` if the upload ends `at` there; return where it ends now.

        Whole or not at all: what a full disk did not take is removed again.
        """
        self.check_space(len(data))
        with disk_errors():
            make_folder(self.folder)
            file = os.open(
                self.path(id), os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
            )
            try:
                size = os.fstat(file).st_size
                if size == at:
                    _write(file, at, data)
                    size += len(data)
                return size
            finally:
                os.close(file)

    def read_whole(self, id: int) -> tuple[bytes, bytes]:
        """Return the SHA-256 of what is there, and its first bytes, as many as tell its type."""
        digest, head = hashlib.sha256(), b""
        with disk_errors():
            if not self.path(id).exists():  # an empty file has no chunks
                make_folder(self.folder)
                self.path(id).touch(mode=0o600)
            with self.path(id).open("rb", buffering=0) as file:
                while data := file.read(_READ):
                    head = head or data[:HEAD]
                    digest.update(data)
        return digest.digest(), head

    def remove(self, id: int) -> None:
        """Remove what is there of an upload."""
        with disk_errors():
            self.path(id).unlink(missing_ok=True)

    def ids(self) -> list[int]:
        """Return the uploads of which something is there."""
        with disk_errors():
            return [int(path.name) for path in self.folder.glob("*") if path.name.isdecimal()]

    def path(self, id: int) -> Path:
        """Return where the upload is."""
        return self.folder / str(id)


def _write(file: int, at: int, data: bytes) -> None:
    """Write all of `data`, or nothing. Raises OSError."""
    written = 0
    try:
        while written < len(data):
            written += os.pwrite(file, data[written:], at + written)
        _start_writeback(file, at, written)
    except OSError:
        with suppress(OSError):
            os.ftruncate(file, at)
        raise


def _start_writeback(file: int, at: int, size: int) -> None:
    """Have the kernel write these bytes to the disk now, without waiting for it.

    Were that left to the sync of the whole file, a commit of the database, which the disk does
    behind it, would wait for all of it; a sync now and then makes commits wait too. Linux starts
    to write what is declared unneeded (mm/fadvise.c); elsewhere nothing may happen.
    """
    if sys.platform != "darwin":
        os.posix_fadvise(file, at, size, os.POSIX_FADV_DONTNEED)
