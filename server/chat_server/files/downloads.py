"""Downloads: chunks of files, for members of the room whose message has them.

Asked again for each chunk, since a message may be deleted, and a member removed, in between.
"""

from dataclasses import dataclass
from functools import partial

from chat_server.files.blobs import BlobError, Blobs
from chat_server.files.refusals import NO_SUCH_FILE
from chat_server.files.threads import FileThreads
from chat_server.sessions.session import Account
from chat_server.store.api import StoredFile
from chat_server.store.threads import Storage
from chat_shared.errors import Code, Refused
from chat_shared.messages import Download, FileChunk


@dataclass(frozen=True, slots=True)
class Downloads:
    """Reads the files of messages. May raise BlobError and QueueFullError."""

    storage: Storage
    threads: FileThreads
    blobs: Blobs

    async def read(self, account: Account, request: Download) -> tuple[FileChunk, bool]:
        """Return the chunk at `at`, and whether it is the last one. Raises Refused."""
        stored = await self._find(account, request.file)
        if request.at >= stored.size:
            raise Refused(Code.BAD_REQUEST, "The file ends before that.")
        limit = min(request.limit, stored.size - request.at)
        try:
            data = await self.threads.call(
                account.id, partial(self.blobs.read, stored.blob, request.at, limit)
            )
        except BlobError:
            await self._find(account, request.file)  # it may have been deleted meanwhile
            raise
        if len(data) < limit:
            raise BlobError("the content is shorter than it was")
        self._check_member(account, stored)
        chunk = FileChunk(re=request.id, file=request.file, at=request.at, data=data)
        return chunk, request.at + limit == stored.size

    async def _find(self, account: Account, file: int) -> StoredFile:
        stored = await self.storage.read(lambda store: store.stored_file(file))
        if stored is None:
            raise NO_SUCH_FILE()
        self._check_member(account, stored)
        return stored

    def _check_member(self, account: Account, stored: StoredFile) -> None:
        if stored.room not in account.rooms:
            raise NO_SUCH_FILE()
