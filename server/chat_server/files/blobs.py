"""Where the content of files is kept. A maker of blobs is a folder, or a bucket elsewhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

# As `store.api.files.blob_key` makes it.
KEY: Final = re.compile(r"[0-9a-f]{64}\.[1-9][0-9]*")


class Blobs(Protocol):
    """Blobs by key, as `store.api.files.blob_key` makes it: no key is ever used twice.

    Plain synchronous functions for a thread; none may be called from the event loop. Any of them
    may raise BlobError, whose message says why, for the log.
    """

    def put(self, key: str, path: Path) -> None:
        """Make the file at `path` the blob `key`, durable when this returns. `path` is then gone.

        Does nothing if that was done before.
        """

    def read(self, key: str, at: int, limit: int) -> bytes:
        """Return up to `limit` bytes from `at` on. Raises BlobError if there is no such blob."""

    def remove(self, key: str) -> None:
        """Remove the blob `key`, if it exists, durably when this returns."""

    def size(self, key: str) -> int | None:
        """Return the size of the blob `key` in bytes; None if it does not exist."""

    def sizes(self) -> Iterator[tuple[str, int]]:
        """Yield the key and the size in bytes of every blob, in any order."""

    def where(self, key: str) -> str:
        """Return where an operator finds the blob `key`."""


class BlobError(Exception):
    """The content could not be stored or read: a failing disk, a bucket that does not answer."""


class NoSpaceError(BlobError):
    """There is no space for the content."""
