"""Files of messages: uploads, the files they become, and blobs that nobody needs any more.

A blob is the content of a file, which a maker of blobs keeps outside the database under a key.
No key is ever used twice, so removing the blob of a key can never hit a newer file, however late
and by which server it is removed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Protocol

from msgspec import Struct

# Bytes that a file counts for at least, as on most disks. Otherwise an account could have as
# many files as its limit has bytes.
LEAST_COUNTED: Final = 4_096


class FileRecord(Struct, frozen=True, gc=False):
    """A file of a message, as members see it."""

    id: int
    name: str
    size: int  # bytes
    type: str = ""  # of a picture: image/png, …; empty for others


@dataclass(frozen=True, slots=True)
class UploadRecord:
    """A file that no message has yet."""

    id: int
    account: int
    room: int
    name: str
    size: int  # bytes
    digest: bytes  # SHA-256
    type: str = ""
    blob: str = ""  # its key; empty until all bytes were there, and their digest was right

    @property
    def whole(self) -> bool:
        return bool(self.blob)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Where the content of a message's file is, and in which room it may be read."""

    room: int
    size: int  # bytes
    blob: str  # its key


@dataclass(frozen=True, slots=True)
class FilePlace:
    """A file of a message, as an operator finds it."""

    room: str
    seq: int  # of the message
    name: str


@dataclass(frozen=True, slots=True)
class FileBounds:
    """How much may be stored: bytes of one account and of all, and uploads of one account.

    Bytes are those of files and uploads, each counted as LEAST_COUNTED at least.
    """

    account: int
    total: int
    uploads: int


class FileStore(Protocol):
    """The part of `Store` that keeps files. `append` makes those of a draft its message's."""

    def begin_upload(self, upload: UploadRecord, at: int, bounds: FileBounds) -> UploadRecord:
        """Add `upload`, whose id is 0, and return it with its own.

        If the account has one that differs in nothing but id, type and blob, return that.
        Raises GoneError if the room has been removed, and FullError, whose `args` say of what
        there is too much: "account", "total" or "uploads".
        """

    def uploads(self, ids: Collection[int]) -> list[UploadRecord]:
        """Return those of `ids` that exist and that no message has."""

    def complete_upload(self, id: int, type: str, lost: str = "") -> str:
        """Mark an upload as whole; return the key of its blob.

        Where another whole file has the same content, it is that one's, and its own is no longer
        needed. But if that is `lost`, the key of a blob whose content is gone, all files that have
        it get this one's instead. Raises GoneError if there is no such upload that no message has.
        """

    def same_content(self, digest: bytes, size: int) -> str | None:
        """Return the key of the blob of a whole file with this content."""

    def remove_upload(self, id: int) -> None:
        """Remove an upload that no message has, if it exists."""

    def old_uploads(self, before: int, limit: int) -> list[int]:
        """Return the ids of uploads begun before then that no message has, the oldest first.

        Those of accounts that have been removed are old at once.
        """

    def stored_file(self, id: int) -> StoredFile | None:
        """Return where the file `id` of a message is."""

    def unneeded_blobs(self, limit: int) -> list[str]:
        """Return the keys of blobs that no file has any more."""

    def forget_blobs(self, keys: Collection[str]) -> None:
        """Forget blobs that have been removed."""

    def file_bytes(self) -> int:
        """Return the bytes of all files and uploads together, counted as for FileBounds."""

    def places(self, blob: str, limit: int) -> list[FilePlace]:
        """Return files of messages that have the blob with this key, the oldest first."""

    def blobs(self, after: str, limit: int) -> list[tuple[str, int, bytes]]:
        """Return the next blobs of whole files and uploads after that with the key `after`.

        That is empty for the first ones. Each with its size and its SHA-256; in an order that
        never changes.
        """


def blob_key(digest: bytes, id: int) -> str:
    """Return the key of the blob of the upload `id`."""
    return f"{digest.hex()}.{id}"


def blob_of(key: str) -> tuple[bytes, int]:
    """Return the digest and the upload of the blob `key`; what comes before all for an empty one.

    Raises ValueError if it is no such key.
    """
    digest, _, id = key.partition(".")
    return bytes.fromhex(digest), int(id or 0)


def counted(size: int) -> int:
    """Return for how many bytes a file of `size` bytes counts."""
    return max(size, LEAST_COUNTED)
