"""Blobs copied from one folder into another one while messages are posted and deleted."""

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from chat_server.files.disk import disk_errors, make_folder, sync
from chat_server.files.folder import FolderBlobs

Blob: TypeAlias = tuple[str, int, bytes]  # key, size and digest, as the store lists them


class BlobCopy:
    """A copy of blobs of `source` in `target`: hard links where that is possible.

    A blob never changes, so its link is as good as a copy, and takes no space until the other one
    is removed.
    """

    def __init__(
        self, source: FolderBlobs, target: FolderBlobs, report: Callable[[float], None]
    ) -> None:
        self.missing: frozenset[str] = frozenset()  # keys of blobs that `source` does not have
        self.files = 0
        self.bytes = 0
        self._source: Final = source
        self._target: Final = target
        self._report: Final = report

    def take(self, blobs: Sequence[Blob]) -> bool:
        """Copy what is new among `blobs`, and drop what is not among them, on disk.

        Return whether the copy is as whole as it can be: nothing is missing but what was so before.
        What is missing for the first time may have been deleted a moment ago; then it is not among
        those of a later moment. `report` is called with the part that is done, from 0 to 1. Raises
        BlobError.
        """
        before, missing = self.missing, list[str]()
        new = [key for key, *_ in blobs if self._target.size(key) is None]
        for number, key in enumerate(new, start=1):
            if not self._copy(key):
                missing.append(key)
            self._report(number / len(new))
        self.missing = frozenset(missing)
        self.files = len(blobs) - len(missing)
        self.bytes = sum(size for key, size, _ in blobs if key not in self.missing)
        self._drop_all_but({key for key, *_ in blobs})
        return self.missing <= before

    def _copy(self, key: str) -> bool:
        """Return whether the blob is there."""
        if self._source.size(key) is None:
            return False
        path, target = self._source.path(key), self._target.path(key)
        with disk_errors():
            make_folder(target.parent)
            try:
                os.link(path, target)
            except FileNotFoundError:  # removed in this moment
                return False
            except OSError:  # another file system, one without links, or the file of another user
                return self._copy_bytes(key, path)
            return True

    def _copy_bytes(self, key: str, path: Path) -> bool:
        unfinished = self._target.folder / "unfinished"
        unfinished.touch(mode=0o600)
        try:
            shutil.copyfile(path, unfinished)
        except FileNotFoundError:
            unfinished.unlink()
            return False
        self._target.put(key, unfinished)
        return True

    def _drop_all_but(self, keys: set[str]) -> None:
        for key, _ in self._target.sizes():
            if key not in keys:
                self._target.remove(key)
        with disk_errors():
            for folder in self._target.folder.glob("??"):
                sync(folder)
