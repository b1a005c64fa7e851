"""Replies about files. As all in `replies`."""

from chat_shared.frames import Chunk, Count, FileId, ReplyFrame


class UploadState(ReplyFrame, frozen=True, gc=False, omit_defaults=False, tag="upload"):
    """How much of an upload the server has: the next chunk begins `at` there."""

    upload: FileId
    at: Count  # bytes; the size of the file once it is whole and can be posted


class FileChunk(ReplyFrame, frozen=True, gc=False, omit_defaults=False, tag="chunk"):
    """The bytes of a file from `at` on."""

    file: FileId
    at: Count
    data: Chunk
