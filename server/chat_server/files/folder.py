"""Blobs in a folder: `ab/cdef….12` for the key `abcdef….12`.

Two levels, so that no folder holds more than a file system lists quickly.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from chat_server.files.blobs import KEY
from chat_server.files.disk import disk_errors, make_folder, sync

_PREFIX: Final = 2  # characters of a key that name its folder


class FolderBlobs:
    """`Blobs` in `folder`, which is created with the first of them.

    A blob is on the disk under its name, whole, or not at all: it is moved there, from the same
    file system.
    """

    def __init__(self, folder: Path) -> None:
        self.folder: Final = folder

    def __str__(self) -> str:
        return f"{self.folder}"

    def put(self, key: str, path: Path) -> None:
        target = self.path(key)
        with disk_errors():
            if not path.exists() and target.exists():
                return
            sync(path)
            make_folder(target.parent)
            path.replace(target)
            sync(target.parent)

    def read(self, key: str, at: int, limit: int) -> bytes:
        with disk_errors():
            file = os.open(self.path(key), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                return os.pread(file, limit, at)
            finally:
                os.close(file)

    def remove(self, key: str) -> None:
        path = self.path(key)
        with disk_errors():
            if path.exists():
                path.unlink()
                sync(path.parent)

    def size(self, key: str) -> int | None:
        with disk_errors():
            try:
                return self.path(key).stat().st_size
            except FileNotFoundError:
                return None

    def sizes(self) -> Iterator[tuple[str, int]]:
        for path in self._paths():
            key = path.parent.name + path.name
            if KEY.fullmatch(key) and (size := self.size(key)) is not None:
                yield key, size

    def where(self, key: str) -> str:
        return f"{self.path(key)}"

    def _paths(self) -> Iterator[Path]:
        with disk_errors():
            yield from self.folder.glob("??/*")

    def path(self, key: str) -> Path:
        """Return where the blob `key` is, or would be."""
        assert KEY.fullmatch(key), "a key comes from the store, never from a client"
        return self.folder / key[:_PREFIX] / key[_PREFIX:]
