"""Uploads: from the first request until a message takes them.

In the order that a crash cannot break: the row of an upload comes before its bytes, and its blob
is durable before the row says that it is whole.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import structlog
import trio

from chat_server.files.blobs import Blobs
from chat_server.files.claims import Claim, Claims
from chat_server.files.pictures import HEAD, picture_type
from chat_server.files.refusals import NO_SUCH_FILE, show_size
from chat_server.files.spool import Spool
from chat_server.files.threads import FileThreads
from chat_server.rooms.moderation import Moderation
from chat_server.sessions.session import Account
from chat_server.store.api import FileBounds, FullError, GoneError, UploadRecord
from chat_server.store.api.files import blob_key
from chat_server.store.threads import Storage
from chat_shared.errors import Code, Refused
from chat_shared.file_names import clean_file_name
from chat_shared.messages import File, SendChunk, Upload, UploadState

log = structlog.get_logger()

_WRONG_DIGEST: Final = partial(
    Refused, Code.BAD_REQUEST, "The file arrived changed: its SHA-256 is wrong. Upload it again."
)
# For a moment only: then the other message has it, and it can be uploaded again.
_TAKEN: Final = partial(
    Refused, Code.TOO_FAST, "This file is being sent with another message.", retry_after=1.0
)


@dataclass(frozen=True, slots=True, eq=False)
class Uploads:
    """Takes uploads in. Any method that waits may raise BlobError and QueueFullError."""

    storage: Storage
    threads: FileThreads
    spool: Spool
    blobs: Blobs
    moderation: Moderation
    now: Callable[[], int]  # milliseconds since 1970, UTC
    max_file: int  # bytes; 0 if this server takes no files
    bounds: FileBounds
    claims: Claims = field(default_factory=Claims)
    # What is done to an upload is done by one task at a time, and the others wait for its event.
    _busy: dict[int, trio.Event] = field(default_factory=dict)

    async def begin(self, account: Account, room: int, request: Upload) -> UploadState:
        """Begin an upload to `room`, or go on with the same one. Raises Refused."""
        if not self.max_file:
            raise Refused(Code.FORBIDDEN, "This server takes no files.")
        if request.size > self.max_file:
            raise Refused(
                Code.TOO_LONG, f"A file can have at most {show_size(self.max_file)} on this server."
            )
        await self.threads.call(account.id, partial(self.spool.check_space, request.size))
        name, digest = clean_file_name(request.name), bytes.fromhex(request.sha256)
        draft = UploadRecord(0, account.id, room, name, request.size, digest)
        upload = await self._begin(draft)
        if upload.whole and not await self._is_there(account.id, upload.blob, upload.size):
            upload = await self._begin_again(draft, upload.id)
        async with self.alone(upload.id):
            at = upload.size if upload.whole else await self._resume(upload)
        return UploadState(re=request.id, upload=upload.id, at=at)

    async def add(self, account: Account, request: SendChunk) -> tuple[UploadState, bool]:
        """Add a chunk, if the upload ends where it begins; complete the upload with the last one.

        Return where it ends now, and whether that is all of it. Raises Refused: also for who may
        no longer post in the room.
        """
        async with self.alone(request.upload):
            upload = await self._own(account, request.upload)
            self._check_writable(account, upload)
            at = upload.size
            if not upload.whole:
                at = await self._append(upload, request.at, request.data)
        state = UploadState(re=request.id, upload=upload.id, at=at)
        return state, at == upload.size

    async def cancel(self, account: Account, id: int) -> None:
        """Remove an upload that no message has. Raises Refused."""
        async with self.alone(id):
            upload = await self._own(account, id)
            if upload.id in self.claims:
                raise _TAKEN()
            await self.remove(upload.id)

    async def remove(self, id: int) -> None:
        """Remove an upload. The caller is `alone` with it, and knows that nobody claims it."""
        await self.storage.write(lambda store: store.remove_upload(id))
        await self.threads.call(None, partial(self.spool.remove, id))

    async def claim(self, account: Account, room: int, ids: Sequence[int], nonce: str) -> Claim:
        """Hold uploads, until `Claim.release`, for a post in flight that names them.

        Raises Refused.
        """
        if len(set(ids)) < len(ids):
            raise Refused(Code.BAD_REQUEST, "A message can have a file only once.")
        claim = self.claims.take(ids, (account.id, nonce))
        if claim is None:
            raise _TAKEN()
        try:
            for id in ids:  # of those who are removing one, nobody has seen the claim
                await self._wait_idle(id)
            found = await self.storage.read(lambda store: store.uploads(ids))
            uploads = {each.id: each for each in found if each.account == account.id}
            claim.files = tuple(_file_of(uploads.get(id), room) for id in ids)
        except BaseException:
            claim.release()
            raise
        return claim

    @asynccontextmanager
    async def alone(self, id: int) -> AsyncGenerator[None]:
        """Run the block while no other does so for the upload `id`."""
        await self._wait_idle(id)
        done = self._busy[id] = trio.Event()
        try:
            yield
        finally:
            del self._busy[id]
            done.set()

    def is_busy(self, id: int) -> bool:
        """Return whether something is being done to the upload `id`."""
        return id in self._busy

    async def _wait_idle(self, id: int) -> None:
        while (done := self._busy.get(id)) is not None:
            await done.wait()

    async def _begin(self, draft: UploadRecord) -> UploadRecord:
        at = self.now()
        try:
            return await self.storage.write_bulk(
                lambda store: store.begin_upload(draft, at, self.bounds)
            )
        except GoneError:
            raise Refused(Code.NOT_A_MEMBER, "You're not in this room.") from None
        except FullError as exc:
            raise self._full(str(exc)) from None

    async def _begin_again(self, draft: UploadRecord, lost: int) -> UploadRecord:
        """Replace an upload whose content is lost, unless a post in flight has it."""
        async with self.alone(lost):
            if lost not in self.claims:
                await self.remove(lost)
        return await self._begin(draft)

    def _full(self, what: str) -> Refused:
        match what:
            case "account":
                most = show_size(self.bounds.account)
                sentence = (
                    f"With this file, yours would take more than {most}, the limit. "
                    "Delete messages with files first."
                )
            case "uploads":
                sentence = (
                    f"{self.bounds.uploads} of your uploads aren't sent yet, which is the limit. "
                    "Send or cancel one first."
                )
            case _:
                most = show_size(self.bounds.total)
                sentence = (
                    f"With this file, those on the server would take more than {most}, its limit."
                )
        return Refused(Code.FORBIDDEN, sentence)

    async def _own(self, account: Account, id: int) -> UploadRecord:
        found = await self.storage.read(lambda store: store.uploads([id]))
        if not found or found[0].account != account.id:
            raise NO_SUCH_FILE()
        return found[0]

    def _check_writable(self, account: Account, upload: UploadRecord) -> None:
        """Raise Refused (not_a_member, muted) unless `account` may post where it uploads to."""
        room = self.moderation.rooms.get(upload.room)
        if room is None:
            raise Refused(Code.NOT_A_MEMBER, "You're not in this room.")
        self.moderation.writable_room(account, room.name)

    async def _resume(self, upload: UploadRecord) -> int:
        """Return where an upload goes on; complete it if all of it is there.

        If that is not what it should be, after a power failure, it begins again.
        """
        at = await self.threads.call(upload.account, partial(self._stored, upload))
        if at == upload.size and not await self._complete(upload):
            return 0
        return at

    def _stored(self, upload: UploadRecord) -> int:
        """On a thread: return how much is there. All, if only the row does not know it yet."""
        size = self.spool.size(upload.id)
        if size > upload.size:  # of another one, in a database that was restored without its files
            self.spool.remove(upload.id)
            return 0
        if not size and self.blobs.size(_key(upload)) is not None:
            return upload.size
        return size

    async def _append(self, upload: UploadRecord, at: int, data: bytes) -> int:
        if at + len(data) > upload.size:
            raise Refused(Code.BAD_REQUEST, "The file is longer than its `size` says.")
        end = await self.threads.call(
            upload.account, partial(self.spool.append, upload.id, at, data)
        )
        if end == upload.size and not await self._complete(upload):
            raise _WRONG_DIGEST()
        return end

    async def _complete(self, upload: UploadRecord) -> bool:
        """Store an upload of which all is there; return False, and remove it, if it is wrong."""
        type = await self.threads.call(upload.account, partial(self._put, upload))
        if type is None:
            return False
        lost = await self._lost_content(upload)
        try:
            await self.storage.write_bulk(
                lambda store: store.complete_upload(upload.id, type, lost)
            )
        except GoneError:  # with its room or its account; the sweeper removes the blob
            raise NO_SUCH_FILE() from None
        if lost:
            log.warning("content that was lost has been uploaded again", blob=lost)
        return True

    async def _lost_content(self, upload: UploadRecord) -> str:
        """Return the key of the blob that other files with this content have, if it is gone."""
        key = await self.storage.read(lambda store: store.same_content(upload.digest, upload.size))
        if key is None or await self._is_there(upload.account, key, upload.size):
            return ""
        return key

    async def _is_there(self, caller: int, key: str, size: int) -> bool:
        """Return whether there is such a blob; whether it is damaged, only its digest tells."""
        return await self.threads.call(caller, lambda: self.blobs.size(key)) == size

    def _put(self, upload: UploadRecord) -> str | None:
        """On a thread: make it a blob; return its type, or None if its digest is wrong.

        Then nothing of it is left, and it can be sent again from the beginning.
        """
        key = _key(upload)
        if not self.spool.size(upload.id) and self.blobs.size(key) is not None:
            return picture_type(self.blobs.read(key, 0, HEAD))
        digest, head = self.spool.read_whole(upload.id)
        if digest != upload.digest:
            self.spool.remove(upload.id)
            return None
        self.blobs.put(key, self.spool.path(upload.id))
        return picture_type(head)


def _key(upload: UploadRecord) -> str:
    return blob_key(upload.digest, upload.id)


def _file_of(upload: UploadRecord | None, room: int) -> File:
    """Return an upload as a file of a message in `room`. Raises Refused."""
    if upload is None:
        raise NO_SUCH_FILE()
    if upload.room != room:
        raise Refused(Code.BAD_REQUEST, "This file was uploaded to another room.")
    if not upload.whole:
        raise Refused(Code.BAD_REQUEST, "This file isn't uploaded completely yet.")
    return File(upload.id, upload.name, upload.size, upload.type)
