"""Blobs copied out of a bucket into a new folder, and out of a folder into a bucket."""

import hashlib
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from chat_server.files.blobs import BlobError
from chat_server.files.bucket import BUCKET_SLOTS, BucketBlobs
from chat_server.files.copying import Blob, BlobCopy, Report, drop_all_but
from chat_server.files.disk import disk_errors, make_folder
from chat_server.files.folder import FolderBlobs
from chat_server.files.read_ahead import BLOCK


class CopyOfBucket(BlobCopy):
    """A copy of a bucket in a new folder, whose content is compared with its digest."""

    def __init__(self, source: BucketBlobs, target: FolderBlobs, report: Report) -> None:
        super().__init__(target, report)
        self._source: Final = source
        self._folder: Final = target

    def _copy(self, blobs: Sequence[Blob]) -> Generator[bool]:
        with ThreadPoolExecutor(BUCKET_SLOTS) as threads:
            yield from threads.map(self._fetch, blobs)

    def _fetch(self, blob: Blob) -> bool:
        key, size, digest = blob
        unfinished = self._folder.folder / f"{key}.unfinished"
        with disk_errors():
            make_folder(self._folder.folder)
            unfinished.touch(mode=0o600)
        is_whole = self._read(key, size, unfinished) == digest
        with disk_errors():
            if is_whole:
                self._folder.put(key, unfinished)
            else:
                unfinished.unlink()
        return is_whole

    def _read(self, key: str, size: int, path: Path) -> bytes | None:
        """Return the digest of what was read into the file at `path`; None if nothing is there."""
        digest = hashlib.sha256()
        with disk_errors(), path.open("wb") as file:
            for at in range(0, size, BLOCK):
                try:
                    data = self._source.read(key, at, BLOCK)
                except BlobError:
                    if self._source.size(key) is None:
                        return None
                    raise
                digest.update(data)
                file.write(data)
        return digest.digest()

    def _finish(self, keys: set[str]) -> None:
        drop_all_but(keys, self._folder)


class CopyIntoBucket(BlobCopy):
    """A copy of a folder in a bucket, which keeps whatever else it has."""

    def __init__(self, source: FolderBlobs, target: BucketBlobs, report: Report) -> None:
        super().__init__(target, report)
        self._source: Final = source
        self._bucket: Final = target

    def _copy(self, blobs: Sequence[Blob]) -> Generator[bool]:
        with ThreadPoolExecutor(BUCKET_SLOTS) as threads:
            yield from threads.map(self._store, blobs)

    def _store(self, blob: Blob) -> bool:
        key, size, _ = blob
        if self._source.size(key) != size:
            return False
        self._bucket.store(key, self._source.path(key))
        return True

    def _finish(self, keys: set[str]) -> None:
        """Remove nothing: what else is there may be of a server."""
