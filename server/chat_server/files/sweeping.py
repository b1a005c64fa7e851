"""Removes what no message needs: blobs of deleted files, and uploads that were never sent.

Each step is one that may be repeated. So whatever a crash left half done is done at the next
pass: a blob is removed before its key is forgotten, and the row of an upload before its bytes.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import structlog
import trio

from chat_server.files.blobs import BlobError
from chat_server.files.uploads import Uploads
from chat_server.store.api import StoreError
from chat_server.store.api.files import blob_of
from chat_server.store.threads import Storage
from chat_server.tasks.fair_queue import QueueFullError
from chat_server.tasks.parts import PartFailedError

log = structlog.get_logger()

# Milliseconds that an upload may wait for its message: a laptop that is opened the next morning
# goes on with it.
UPLOAD_KEPT: Final = 86_400_000

# Seconds between passes: a deleted file is gone from the disk within a minute.
_PERIOD: Final = 60.0

_STEP: Final = 50  # blobs, or uploads, of one step
_PAUSE: Final = 0.1  # seconds between steps


class FileSweeper:
    """`run` is its only task."""

    def __init__(self, storage: Storage, uploads: Uploads, now: Callable[[], int]) -> None:
        self._storage = storage
        self._uploads = uploads
        self._now = now  # milliseconds since 1970, UTC

    async def run(self) -> None:
        """Remove what is not needed, again and again. Raises PartFailedError if that fails."""
        while True:
            try:
                await self.sweep()
            except (StoreError, BlobError, QueueFullError) as exc:
                log.error("unneeded files not removed", reason=str(exc) or "the server is busy")
                raise PartFailedError from exc
            await trio.sleep(_PERIOD)

    async def sweep(self) -> None:
        """Remove all that is not needed at this moment."""
        await self._remove_old_uploads()
        await self._remove_strays()
        await self._remove_unneeded_blobs()

    async def _remove_old_uploads(self) -> None:
        before = self._now() - UPLOAD_KEPT
        while old := await self._storage.read(lambda store: store.old_uploads(before, _STEP)):
            removed = [id for id in old if await self._remove_upload(id)]
            if not removed:
                return
            log.info("uploads removed that were never sent", count=len(removed))
            await trio.sleep(_PAUSE)

    async def _remove_upload(self, id: int) -> bool:
        """Remove an upload, unless a post in flight has it; return whether it is removed."""
        async with self._uploads.alone(id):
            if id in self._uploads.claims:
                return False
            await self._uploads.remove(id)
        return True

    async def _remove_strays(self) -> None:
        """Remove bytes of uploads that have no row any more: their room was removed, say."""
        call, spool = self._uploads.threads.call, self._uploads.spool
        ids = await call(self, spool.ids)
        found = await self._storage.read(lambda store: store.uploads(ids))
        for id in set(ids) - {upload.id for upload in found}:
            await call(self, partial(spool.remove, id))

    async def _remove_unneeded_blobs(self) -> None:
        while keys := await self._unneeded_blobs():
            await self._uploads.threads.call(self, partial(self._remove_blobs, keys))
            await self._storage.write(lambda store: store.forget_blobs(keys))
            await trio.sleep(_PAUSE)

    async def _unneeded_blobs(self) -> list[str]:
        """Return the keys of some, without those of uploads that are just becoming blobs."""
        keys = await self._storage.read(lambda store: store.unneeded_blobs(_STEP))
        return [key for key in keys if not self._uploads.is_busy(blob_of(key)[1])]

    def _remove_blobs(self, keys: Sequence[str]) -> None:
        for key in keys:
            self._uploads.blobs.remove(key)
