"""What a power cut leaves of a folder, by what was synced before.

Every sync is done by the system as ever; only what it made durable is noted besides.
Files that were removed are taken to be gone at once, as they may be.
"""

import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest


class Disk:
    """A folder on a disk that keeps nothing else than what it is told to."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.may_sync = threading.Event()  # a slow disk, if a test clears it
        self.may_sync.set()
        self.syncing = threading.Event()  # a sync has begun
        self._folder = folder
        self._contents: dict[int, bytes] = {}  # by inode
        self._names: dict[str, int] = {}
        self._changed = threading.Condition()
        self._fsync = os.fsync
        monkeypatch.setattr(os, "fsync", self._sync)

    def left(self) -> dict[str, bytes]:
        """Return the files, by name, as they were after a power cut now."""
        names = {name: inode for name, inode in self._names.items() if self._has(name, inode)}
        return {name: self._contents.get(inode, b"") for name, inode in names.items()}

    def wait_until(self, condition: Callable[[], bool]) -> bool:
        """Wait for a condition of what is `left`; return whether it came true."""
        with self._changed:
            return self._changed.wait_for(condition, timeout=5)

    def _sync(self, handle: int) -> None:
        about = os.fstat(handle)
        content = self._entries() if stat.S_ISDIR(about.st_mode) else self._read(about.st_ino)
        self.syncing.set()
        self.may_sync.wait(5)
        self._fsync(handle)
        with self._changed:
            if isinstance(content, bytes):
                self._contents[about.st_ino] = content
            else:
                self._names = content
            self._changed.notify_all()

    def _entries(self) -> dict[str, int]:
        return {entry.name: entry.inode() for entry in os.scandir(self._folder)}

    def _read(self, inode: int) -> bytes:
        names = [name for name, found in self._entries().items() if found == inode]
        return (self._folder / names[0]).read_bytes() if names else b""

    def _has(self, name: str, inode: int) -> bool:
        return self._entries().get(name) == inode
