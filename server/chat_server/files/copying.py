"""Blobs copied from one place to another one while messages are posted and deleted."""

import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final, TypeAlias

from chat_server.files.blobs import Blobs
from chat_server.files.disk import disk_errors, make_folder, sync
from chat_server.files.folder import FolderBlobs

Blob: TypeAlias = tuple[str, int, bytes]  # key, size and digest, as the store lists them
Report: TypeAlias = Callable[[float], None]  # is called with the part that is done, from 0 to 1


class BlobCopy(ABC):
    """A copy of blobs of one place in another one."""

    def __init__(self, target: Blobs, report: Report) -> None:
        self.missing: frozenset[str] = frozenset()  # keys of blobs that are not there as stored
        self.files = 0
        self.bytes = 0
        self._target: Final = target
        self._report: Final = report

    def take(self, blobs: Sequence[Blob]) -> bool:
        """Copy what is new among `blobs`, and drop what is not among them, durably.

        Return whether the copy is as whole as it can be: nothing is missing but what was so before.
        What is missing for the first time may have been deleted a moment ago; then it is not among
        those of a later moment. Raises BlobError.
        """
        before, missing = self.missing, set[str]()
        held = dict(self._target.sizes())
        new = [blob for blob in blobs if held.get(blob[0]) != blob[1]]
        with closing(self._copy(new)) as copied:  # its threads end here, whatever is raised
            for number, (blob, is_there) in enumerate(zip(new, copied, strict=True), start=1):
                if not is_there:
                    missing.add(blob[0])
                self._report(number / len(new))
        self.missing = frozenset(missing)
        self.files = len(blobs) - len(missing)
        self.bytes = sum(size for key, size, _ in blobs if key not in missing)
        self._finish({key for key, *_ in blobs})
        return self.missing <= before

    @abstractmethod
    def _copy(self, blobs: Sequence[Blob]) -> Generator[bool]:
        """Copy one after the other; yield of each whether it was there, as it was stored."""

    @abstractmethod
    def _finish(self, keys: set[str]) -> None:
        """Make durable what was copied, and have nothing but `keys` in what is ours alone."""


class FolderCopy(BlobCopy):
    """A copy of a folder in a new folder: hard links where that is possible.

    A blob never changes, so its link is as good as a copy, and takes no space until the other one
    is removed.
    """

    def __init__(self, source: FolderBlobs, target: FolderBlobs, report: Report) -> None:
        super().__init__(target, report)
        self._source: Final = source
        self._folder: Final = target

    def _copy(self, blobs: Sequence[Blob]) -> Generator[bool]:
        for key, size, _ in blobs:
            yield self._source.size(key) == size and self._link(key)

    def _link(self, key: str) -> bool:
        """Return whether the blob is there."""
        path, target = self._source.path(key), self._folder.path(key)
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
        unfinished = self._folder.folder / "unfinished"
        unfinished.touch(mode=0o600)
        try:
            shutil.copyfile(path, unfinished)
        except FileNotFoundError:
            unfinished.unlink()
            return False
        self._folder.put(key, unfinished)
        return True

    def _finish(self, keys: set[str]) -> None:
        drop_all_but(keys, self._folder)


def drop_all_but(keys: set[str], blobs: FolderBlobs) -> None:
    """Remove all blobs of a new folder but `keys`, which are durable then. Raises BlobError."""
    for key, _ in blobs.sizes():
        if key not in keys:
            blobs.remove(key)
    with disk_errors():
        for folder in blobs.folder.glob("??"):
            sync(folder)
