"""Files, as the server in memory handles them: uploads by chunks, and downloads."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from chat_shared import messages as m
from chat_shared.errors import Code, Refused
from chat_shared.names import fold

if TYPE_CHECKING:
    from support.fake_server import FakeSession

_PICTURE: Final = b"\x89PNG\r\n\x1a\n"


@dataclass
class FakeUpload:
    account: str
    begun: m.Upload
    data: bytearray = field(default_factory=bytearray)


@dataclass
class FakeFiles:
    """Uploads that no message has, and files of messages."""

    max_file: int = 25_000_000  # bytes; in hello
    uploads: dict[int, FakeUpload] = field(default_factory=dict)
    stored: dict[int, tuple[m.File, bytes]] = field(default_factory=dict)
    begun: int = 0  # uploads so far
    # Misbehaviour: each entry is the reply to one chunk, up or down.
    chunk_replies: list[m.Reply] = field(default_factory=list)
    loses: int | None = None  # the chunk at this byte is not answered, nor anything after it
    stores_lost: bool = True  # it arrives all the same

    def add(self, name: str, data: bytes, size: int | None = None) -> m.File:
        """Store a file that a message may name; `size` is what it says of itself."""
        self.begun += 1
        kind = "image/png" if data.startswith(_PICTURE) else ""
        file = m.File(self.begun, name, len(data) if size is None else size, kind)
        self.stored[file.file] = file, data
        return file

    def attach(self, post: m.Post) -> tuple[m.File, ...]:
        """Make whole uploads the files of a message. Raises Refused."""
        if not all(self._is_whole(id) for id in post.files):
            raise Refused(Code.BAD_REQUEST, "An upload is not whole.")
        if len(set(post.files)) < len(post.files):
            raise Refused(Code.BAD_REQUEST, "A file is named twice.")
        whole = [self.uploads.pop(id) for id in post.files]
        return tuple(self.add(upload.begun.name, bytes(upload.data)) for upload in whole)

    def _is_whole(self, id: int) -> bool:
        upload = self.uploads.get(id)
        return upload is not None and len(upload.data) == upload.begun.size


def _upload(session: "FakeSession", request: m.Upload) -> None:
    files = session.fake.files
    session.room(request.room)
    if request.size > files.max_file:
        raise Refused(Code.TOO_LONG, f"{request.name} is too large.")
    same = [id for id, known in files.uploads.items() if _key(known.begun) == _key(request)]
    if not same:
        files.begun += 1
        same = [files.begun]
        files.uploads[files.begun] = FakeUpload(fold(session.account), request)
    at = len(files.uploads[same[0]].data)
    session.send(m.UploadState(re=request.id, upload=same[0], at=at))


def _key(begun: m.Upload) -> tuple[str, str, int, str]:
    return begun.room, begun.name, begun.size, begun.sha256


def _chunk(session: "FakeSession", request: m.SendChunk) -> None:
    files = session.fake.files
    if files.chunk_replies:
        _misbehave(session, request)
        return
    upload = files.uploads[request.upload]
    if request.at != len(upload.data):
        raise Refused(Code.BAD_REQUEST, f"The next chunk begins at {len(upload.data)}.")
    lost = _is_lost(session, request)
    if not lost or files.stores_lost:
        upload.data += request.data
    if lost:
        return
    if len(upload.data) >= upload.begun.size:
        digest = hashlib.sha256(upload.data).hexdigest()
        if digest != upload.begun.sha256:
            del files.uploads[request.upload]
            raise Refused(Code.BAD_REQUEST, "The file has another digest.")
    session.send(m.UploadState(re=request.id, upload=request.upload, at=len(upload.data)))


def _cancel(session: "FakeSession", request: m.CancelUpload) -> None:
    session.fake.files.uploads.pop(request.upload, None)
    session.send(m.Ok(re=request.id))


def _download(session: "FakeSession", request: m.Download) -> None:
    files = session.fake.files
    if files.chunk_replies:
        _misbehave(session, request)
        return
    if _is_lost(session, request):
        return
    if request.file not in files.stored:
        raise Refused(Code.NO_SUCH_MESSAGE, "This file was deleted.")
    data = files.stored[request.file][1][request.at : request.at + request.limit]
    session.send(m.FileChunk(re=request.id, file=request.file, at=request.at, data=data))


def _is_lost(session: "FakeSession", request: m.SendChunk | m.Download) -> bool:
    """Return whether the connection dies with this chunk, and let it."""
    if session.fake.files.loses != request.at:
        return False
    session.fake.files.loses = None
    session.fake.silent = True
    return True


def _misbehave(session: "FakeSession", request: m.Request) -> None:
    session.send(replace(session.fake.files.chunk_replies.pop(0), re=request.id))


HANDLERS: Final[dict[type[m.Request], Callable[..., None]]] = {
    m.Upload: _upload,
    m.SendChunk: _chunk,
    m.CancelUpload: _cancel,
    m.Download: _download,
}
