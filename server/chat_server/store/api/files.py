"""Files of messages: uploads, the files they become, and blobs that nobody needs any more.

A blob is the content of a file, which a maker of blobs keeps outside the database under a key.
No key is ever used twice, so removing the blob of a key can never hit a newer file, whoever
removes it and however late.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from msgspec import Struct


class FileRecord(Struct, frozen=True, gc=False):
    """A file of a message, as members see it."""

    id: int
    name: str
    size: int  # bytes
    type: str  # of a picture: image/png, …; empty for others


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
    whole: bool = False  # all bytes are there, and their digest is right


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Where the content of a message's file is, and in which room it may be read."""

    room: int
    size: int  # bytes
    blob: str  # its key


@dataclass(frozen=True, slots=True)
class FileBounds:
    """How much may be stored: bytes of one account and of all, and uploads of one account."""

    account: int
    total: int
    uploads: int


class FileStore(Protocol):
    """The part of `Store` that keeps files. `append` makes those of a draft its message's."""

    def begin_upload(self, upload: UploadRecord, at: int, bounds: FileBounds) -> UploadRecord:
        """Add `upload`, whose id is 0, and return it with its own.

        If the account has one that differs in nothing but id, type and `whole`, return that.
        Raises GoneError if the room has been removed, and FullError, whose `args` say of what
        there is too much: "account", "total" or "uploads".
        """

    def uploads(self, ids: Collection[int]) -> list[UploadRecord]:
        """Return those of `ids` that exist and that no message has."""

    def complete_upload(self, id: int, type: str) -> str:
        """Mark an upload as whole; return the key of its blob.

        Where another whole file has the same content, it is that one's, and its own is no longer
        needed. Raises GoneError if there is no such upload.
        """

    def remove_upload(self, id: int) -> None:
        """Remove an upload that no message has, if it exists."""

    def old_uploads(self, before: int, limit: int) -> list[int]:
        """Return the ids of uploads begun before then that no message has, the oldest first."""

    def stored_file(self, id: int) -> StoredFile | None:
        """Return where the file `id` of a message is."""

    def unneeded_blobs(self, limit: int) -> list[str]:
        """Return the keys of blobs that no file has any more."""

    def forget_blobs(self, keys: Collection[str]) -> None:
        """Forget blobs that have been removed."""

    def file_bytes(self) -> int:
        """Return the bytes of all files and uploads together."""

    def blobs(self, after: str, limit: int) -> list[tuple[str, int, bytes]]:
        """Return the blobs of whole files after the key `after`, in the order of their keys.

        Each with its size and its SHA-256.
        """


def blob_key(digest: bytes, id: int) -> str:
    """Return the key of the blob of the upload `id`."""
    return f"{digest.hex()}.{id}"
