"""A part of the disk that is held for when the disk is full.

Messages are then refused, and what matters more goes on: log-ins, leaving, kicks and,
above all, deletions, by which people and operators make room.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog

log = structlog.get_logger()

# Bytes: SQLite's log beside the database grows to 4 MB before it is written into existing
# pages and begins again; the rest is for what those transactions add.
RESERVE: Final = 8 * 1024 * 1024

_SMALL_DISK: Final = 8 * RESERVE  # bytes: on a smaller one nothing is held


class Reserve:
    """The file at `path`, in a folder of its own. For the store's writing thread alone."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._held = False

    def hold(self) -> bool:
        """Hold the reserve if there is space; return False if messages must be refused."""
        return self._held or self._path is None or self._take(self._path)

    def release(self) -> bool:
        """Give up the reserve; return whether there was one."""
        if self._path is None or not self._held:
            return False
        self._held = False
        log.error("the disk is full: messages are refused until there is space again")
        with suppress(OSError):
            self._path.unlink()
        return True

    def _take(self, path: Path) -> bool:
        try:
            disk = os.statvfs(path.parent.parent)
            if disk.f_blocks * disk.f_frsize < _SMALL_DISK:
                return True
            self._held = _is_whole(path) or (
                disk.f_bavail * disk.f_frsize >= 2 * RESERVE and _allocate(path)
            )
        except OSError:  # a quota, or no such call in this file system
            with suppress(OSError):
                path.unlink()
            return True
        return self._held


def _is_whole(path: Path) -> bool:
    """Return whether the file is there and its bytes are really on the disk."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    return found.st_size == RESERVE and found.st_blocks * 512 >= RESERVE


def _allocate(path: Path) -> bool:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.unlink(missing_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.posix_fallocate(file, 0, RESERVE)
    finally:
        os.close(file)
    return True
