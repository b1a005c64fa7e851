"""Requests about files: an upload goes chunk by chunk, a message names it, members download it.

Declared as those in `requests` are. Each chunk is a request with a reply, at both ends: nothing
is sent that was not asked for, and either end goes on where it was after a lost connection.
"""

from typing import ClassVar

from chat_shared.file_replies import FileChunk, UploadState
from chat_shared.frames import (
    Chunk,
    ChunkSize,
    Count,
    Field,
    FileId,
    Rate,
    ReplyFrame,
    RequestFrame,
    Sha256,
)
from chat_shared.limits import MAX_CHUNK


class Upload(RequestFrame, frozen=True, gc=False):
    """Begin the upload of a file to a room; the same request goes on with one that is unfinished.

    The same: of this account, with this room, name, size and digest, and not posted yet.
    """

    granted: ClassVar[type[ReplyFrame]] = UploadState
    by_hooks: ClassVar[bool] = True

    room: str
    name: Field
    size: Count  # bytes
    sha256: Sha256


class SendChunk(RequestFrame, frozen=True, gc=False, tag="chunk"):
    """The bytes of an upload from `at` on."""

    rate: ClassVar[Rate] = "chunks"
    granted: ClassVar[type[ReplyFrame]] = UploadState
    by_hooks: ClassVar[bool] = True

    upload: FileId
    at: Count
    data: Chunk


class CancelUpload(RequestFrame, frozen=True, gc=False, tag="cancel_upload"):
    """Remove an upload that no message has."""

    by_hooks: ClassVar[bool] = True

    upload: FileId


class Download(RequestFrame, frozen=True, gc=False):
    """The bytes of a file from `at` on, at most `limit` of them."""

    rate: ClassVar[Rate] = "chunks"
    by_guests: ClassVar[bool] = True
    granted: ClassVar[type[ReplyFrame]] = FileChunk

    file: FileId
    at: Count
    limit: ChunkSize = MAX_CHUNK
